// cpprestsdk's end of a BodyPipe: a write-only stream buffer whose every write is a piece in the pipe. Called
// by transport.cc; written to by cpprestsdk's threads.
#pragma once

#include <cstdint>
#include <memory>

#include "controller/kube/body_pipe.h"

namespace Concurrency::streams {
template <class Byte>
class streambuf;
}

namespace tollgate::kube {

// cpprestsdk reads on from its socket when a write is done, that is when the pipe's reader has used the
// piece: so the reader sets the pace of the connection.
Concurrency::streams::streambuf<uint8_t> MakePipeBuffer(std::shared_ptr<BodyPipe> pipe);

}  // namespace tollgate::kube
