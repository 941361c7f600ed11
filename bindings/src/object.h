// Shared owners of libvirt's objects. A handle in JavaScript, a running call and a registration each keep theirs alive;
// whoever is last, libvirt's own free function runs on the reaper thread, never on JavaScript's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "failure.h"
#include "thread_pool.h"

namespace novalet {

/** The classes of libvirt's objects; the names of the first fourteen are those of the generated rows. */
enum class Class : uint8_t {
  Connect,
  Domain,
  DomainCheckpoint,
  DomainSnapshot,
  Network,
  NetworkPort,
  Interface,
  StoragePool,
  StorageVol,
  NodeDevice,
  Secret,
  NWFilter,
  NWFilterBinding,
  Stream,
  AdmConnect,
  AdmServer,
  AdmClient,
};

/** "virDomain" */
const char* NameOf(Class object_class);

/** Adds a reference to an object that libvirt only lends. */
bool Reference(Class object_class, void* pointer);

/** What ends a registration of a connection in libvirt, by the id that libvirt gave it. */
using Deregister = Function<int(void*, int)>;

class Connection;

/** One reference to a libvirt object. */
// There are as many as the program keeps: every member counts, and there is no virtual function.
class Object {
 private:
  static constexpr uint16_t kMagic = 0x6e76;

  const uint16_t magic_ = kMagic;
  const Class class_;

 public:
  /** The handle in JavaScript has been disposed of. JavaScript's thread only. */
  bool disposed = false;

  /** Takes over the caller's reference to `pointer`. Null, with the reference given back, when the connection is
   * closing. */
  static Object* Child(Class object_class, void* pointer, Connection* connection);

  Class object_class() const { return class_; }
  void* pointer() const { return pointer_.load(std::memory_order_acquire); }
  /** The connection that the object came from; itself for a connection. */
  Connection* connection();

  void Retain() { strong_.fetch_add(1, std::memory_order_relaxed); }
  /** Retains unless the last owner has gone already. */
  bool TryRetain();
  void Release();

  /** Keeps the memory readable without keeping libvirt's object: for weak back-references. */
  void RetainMemory() { memory_.fetch_add(1, std::memory_order_relaxed); }
  void ReleaseMemory();

  /** Why no call may be made on it any more, or nullopt when one may. JavaScript's thread. */
  std::optional<Failure> WhyUnusable(const char* function);

  /** True for our own objects: guards against an External of another addon. */
  bool IsOurs() const { return magic_ == kMagic; }

  /** What libvirt has said of the object itself. JavaScript's thread only. */
  struct Known {
    char uuid[abi::kUuidStringLength] = "";
    int32_t id = 0;
    uint32_t id_turn = 0;
  };
  /** Made when first asked for. */
  Known& known();
  /**
   * The turn in which a domain's ID was read holds until the next call on its connection begins: libvirt changes the ID
   * in calls alone, some of them on another handle that shares its domain. 0: calls are under way now.
   */
  uint32_t Turn();

 protected:
  Object(Class object_class, void* pointer, Connection* connection);
  ~Object() = default;

  std::atomic<void*> pointer_;

 private:
  friend class Reaper;
  friend class Connection;

  static void Delete(Object* object);

  std::atomic<uint32_t> strong_{1};
  std::atomic<uint32_t> memory_{1};
  Connection* const connection_;
  union {
    Known* known_ = nullptr;
    Object* next_dead_;  // in the reaper's list: nobody asks a dead object
  };
  // In the connection's list of children.
  Object* previous_ = nullptr;
  Object* next_ = nullptr;
};

/** A stream: its calls are made one after the other. */
class StreamObject final : public Object {
 public:
  Lane lane;
  /** libvirt tells a callback of ours of the stream's events. */
  std::atomic<bool> has_callback{false};

 private:
  friend class Object;
  StreamObject(void* pointer, Connection* connection) : Object(Class::Stream, pointer, connection) { lane.limit = 1; }
};

/** A connection, the lane of its calls, and all that close() must see to. */
class Connection final : public Object {
 public:
  /** Takes over the caller's reference. */
  static Connection* New(void* pointer, Class object_class = Class::Connect);

  Lane lane;
  /** Two calls at once could crash: those of streams, too, then wait in the connection's lane. */
  std::atomic<bool> one_at_a_time{false};

  /** A call on the connection, or on a child of it, begins; false when the connection is closing. */
  bool Enter();
  /** The call is over, and what it returned is registered as a child. */
  void Leave();

  /** From now on no call may enter; `close` is submitted once those inside have left. False when it is closing already.
   * JavaScript's thread. */
  bool BeginClose(Task* close);
  bool closing() const { return (inside_.load(std::memory_order_acquire) & kClosing) != 0; }

  /** Frees all that hangs on the connection and the connection itself. Pool thread. The result of virConnectClose, or
   * -2 when it was done before. */
  int ReleaseAll();

  void AddEvent(Deregister& deregister, int callback_id);
  void RemoveEvent(Deregister& deregister, int callback_id);
  void SetCloseCallback(bool registered);

  /** How often this connection's registrations hold its environment. JavaScript's thread only. */
  uint32_t holds = 0;

 private:
  friend class Object;
  friend class Reaper;

  Connection(void* pointer, Class object_class) : Object(object_class, pointer, nullptr) {}

  /** Frees a child's libvirt object, unless that is done already. */
  void FreeChild(Object* child);
  void Unlink(Object* child);

  // The calls inside, and whether the connection is closing.
  static constexpr uint32_t kClosing = 1u << 31;
  std::atomic<uint32_t> inside_{0};
  std::atomic<uint32_t> entered_{0};  // all calls so far, for Turn
  Task* close_ = nullptr;             // written before kClosing is set

  std::mutex mutex_;
  std::vector<std::pair<Deregister*, int>> events_;
  bool close_callback_ = false;

  std::mutex children_mutex_;
  Object* children_ = nullptr;
};

/** What takes back a close callback from a connection of that class. */
Function<int(void*, abi::CloseCallback)>& UnregisterCloseCallback(Class connection_class);
/**
 * Frees libvirt's stream after ending what it may still be at: a daemon would go on sending what nobody takes. The
 * abort is a call to the daemon, so this is for threads of the pool.
 */
void EndStream(void* pointer, bool has_callback);

/** The callback that registerCloseCallback gives to libvirt; here because closing takes it back. */
void OnConnectionClosed(void* conn, int reason, void* registration);

}  // namespace novalet
