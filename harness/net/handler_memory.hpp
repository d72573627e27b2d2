// Memory for the one asynchronous operation that a client has pending, inside the client itself:
// waiting for readability allocates nothing, and an idle stream costs no block of its own.
#pragma once

#include <cstddef>
#include <new>

namespace streamgauge::net {

class HandlerMemory {
 public:
  HandlerMemory() = default;
  HandlerMemory(const HandlerMemory&) = delete;
  HandlerMemory& operator=(const HandlerMemory&) = delete;

  /// Falls back to the heap while an operation that was called off has yet to report so.
  void* take(std::size_t bytes) {
    if (!taken_ && bytes <= sizeof storage_) {
      taken_ = true;
      return storage_;
    }
    return ::operator new(bytes);
  }
  void give_back(void* memory) {
    if (memory == storage_) {
      taken_ = false;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  alignas(std::max_align_t) unsigned char storage_[128];
  bool taken_ = false;
};

/// The associated allocator through which Asio finds it.
template <class T>
class HandlerAllocator {
 public:
  using value_type = T;
  explicit HandlerAllocator(HandlerMemory& memory) : memory_(&memory) {}
  template <class U>
  explicit HandlerAllocator(const HandlerAllocator<U>& other) : memory_(other.memory_) {}

  T* allocate(std::size_t n) { return static_cast<T*>(memory_->take(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { memory_->give_back(memory); }
  friend bool operator==(const HandlerAllocator&, const HandlerAllocator&) = default;

 private:
  template <class>
  friend class HandlerAllocator;
  HandlerMemory* memory_;
};

}  // namespace streamgauge::net
