// The one connection of a core to a node: made when the node's circuit closes, dropped when it opens, and its
// loss told to the node, which opens the circuit for all. Both stores stand on it:
//
//   CoreLink link(loop, node, {.prepare = AskTime});       before the loop runs, or on its thread
//   if (RedisConnection* server = link.connection()) …     at each question; nullptr: do without, at once
//   server->Send(command, waiter);                         OnLost() comes when the circuit opens meanwhile
//
// Nobody waits for a connection and nobody keeps one beyond the turn in which it was handed out; within that
// turn it stays, whatever other cores find meanwhile. What finds the server wanting by its own measure (too
// slow, LOADING) calls node.Trip(why): that drops the connections of all cores, and every waiter is told
// within a turn of its loop.
//
// One thread, the loop's. Destroyed on it, or after Loop::Run() has returned, before the loop and the node.
#pragma once

#include <functional>
#include <memory>

#include "proxy/io/loop.h"
#include "proxy/store/redis/connection.h"
#include "proxy/store/redis/node.h"

namespace tollgate::store {

struct CoreLinkOptions {
  // Asked of each new connection before it is handed out; a fault trips the node. May be empty.
  Probe prepare = {};
  // Called on the loop's thread after connection() has become another. May be empty.
  std::function<void()> changed = {};
  ConnectionOptions connection = {};
};

class CoreLink {
 public:
  CoreLink(io::Loop& loop, RedisNode& node, CoreLinkOptions options = {});
  ~CoreLink();
  CoreLink(const CoreLink&) = delete;
  CoreLink& operator=(const CoreLink&) = delete;

  // The connection; nullptr while the circuit is open, as this core has heard of it, or the connection is not
  // made yet.
  RedisConnection* connection() const;
  RedisNode& node() const { return node_; }

 private:
  class Doorbell;
  struct State;

  RedisNode& node_;
  std::shared_ptr<State> state_;
  std::shared_ptr<Doorbell> doorbell_;
};

}  // namespace tollgate::store
