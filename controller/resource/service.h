// Service and EndpointSlice, as far as Tollgate uses them. Plain data; any thread.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

struct ServicePort {
  std::string name;  // may be empty where a Service has one port
  int port = 0;

  bool operator==(const ServicePort&) const = default;
};

struct Service {
  ObjectMeta meta;
  bool is_external_name = false;
  std::vector<ServicePort> ports;

  bool operator==(const Service&) const = default;
};

inline constexpr char kServiceNameLabel[] = "kubernetes.io/service-name";

struct SliceEndpoint {
  std::vector<std::string> addresses;  // all of one endpoint; the first is used
  bool ready = true;                   // absent in the object means true
  bool serving = true;                 // absent means as `ready`
  bool terminating = false;

  bool operator==(const SliceEndpoint&) const = default;
};

struct SlicePort {
  std::string name;
  std::optional<int> port;

  bool operator==(const SlicePort&) const = default;
};

struct EndpointSlice {
  ObjectMeta meta;
  std::string service;   // name of the Service in the same namespace; empty: none
  bool is_fqdn = false;  // its addresses are names, of hosts that may be anywhere
  std::vector<SliceEndpoint> endpoints;
  std::vector<SlicePort> ports;

  bool operator==(const EndpointSlice&) const = default;
};

}  // namespace tollgate::resource
