// Session tickets sealed with keys of ours instead of a context's own, which would differ from one context to
// the next and never change. Included by proxy/io alone, since it carries OpenSSL's headers.
#pragma once

#include <openssl/ssl.h>

#include "proxy/io/ticket_keys.h"

namespace tollgate::io {

// What a connection is told about the keys while its handshake lasts. Tickets are made and opened in a
// handshake only.
struct TicketHolder {
  TicketKeys& keys;
};

inline void Hold(SSL* ssl, TicketHolder* holder) { SSL_set_app_data(ssl, holder); }
inline TicketHolder* HolderOf(const SSL* ssl) { return static_cast<TicketHolder*>(SSL_get_app_data(ssl)); }

// For connections that begin with this context, whatever terms they go on under.
void SealTickets(SSL_CTX* context);

}  // namespace tollgate::io
