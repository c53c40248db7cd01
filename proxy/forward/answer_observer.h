// What else wants to see an upstream's answer on its way: the gateway's own fields are added here, a cache
// keeps it. One thread.
#pragma once

#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::forward {

class AnswerObserver {
 public:
  virtual ~AnswerObserver() = default;
  // Before the head is sent. `head` and `framing` are the upstream's; `answer` may be changed.
  virtual void OnHead(const http::ResponseHead& head, const http::Framing& framing,
                      exchange::Answer& answer) = 0;
  virtual void OnBody(std::string_view piece) = 0;
  // Known after OnHead: true where the caller receives another body than the upstream sends. Then each piece
  // is handed over by Recode, and what the caller receives instead is fetched by Recoded: all of it where it
  // is not known when more comes.
  virtual bool recodes() const { return false; }
  virtual void Recode(std::string_view piece) { (void)piece; }
  virtual std::string_view Recoded(bool last) {
    (void)last;
    return {};
  }
  // The whole body has come from the upstream, and what stands behind it.
  virtual void OnEnd(bool has_trailers) = 0;
};

}  // namespace tollgate::forward
