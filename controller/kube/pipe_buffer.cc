#include "controller/kube/pipe_buffer.h"

#include <cpprest/astreambuf.h>

#include <utility>

namespace tollgate::kube {
namespace {

using Byte = uint8_t;
using Base = concurrency::streams::details::streambuf_state_manager<Byte>;

class PipeBuffer final : public Base {
 public:
  explicit PipeBuffer(std::shared_ptr<BodyPipe> pipe) : Base(std::ios_base::out), pipe_(std::move(pipe)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return traits::eof(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return traits::eof(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
    return traits::eof();
  }
  bool acquire(Byte*&, size_t&) override { return false; }
  void release(Byte*, size_t) override {}

 protected:
  pplx::task<size_t> _putn(const Byte* bytes, size_t count) override {
    pplx::task_completion_event<size_t> done;
    // Also where nobody wants the rest: its connection is closed then, which ends the answer. An exception
    // here would make cpprestsdk close this buffer and wait for that on one of its few threads, for another
    // of them to do it: with as many answers given up at once as there are threads, no request would ever be
    // answered again.
    pipe_->PutPiece({reinterpret_cast<const char*>(bytes), count}, [done, count] { done.set(count); });
    return pplx::create_task(done);
  }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  // A null block makes cpprestsdk use _putn instead.
  Byte* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}

  // Not called: cpprestsdk writes bodies in blocks, and nobody reads from here.
  pplx::task<int_type> _putc(Byte) override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<int_type> _bumpc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<int_type> _getc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<int_type> _nextc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<int_type> _ungetc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<size_t> _getn(Byte*, size_t) override { return pplx::task_from_result<size_t>(0); }
  int_type _sbumpc() override { return traits::eof(); }
  int_type _sgetc() override { return traits::eof(); }
  size_t _scopy(Byte*, size_t) override { return 0; }

 private:
  const std::shared_ptr<BodyPipe> pipe_;
};

}  // namespace

concurrency::streams::streambuf<Byte> MakePipeBuffer(std::shared_ptr<BodyPipe> pipe) {
  return concurrency::streams::streambuf<Byte>(std::make_shared<PipeBuffer>(std::move(pipe)));
}

}  // namespace tollgate::kube
