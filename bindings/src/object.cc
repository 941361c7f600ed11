#include "object.h"

#include <utility>

#include "library.h"
#include "reaper.h"

namespace novalet {
namespace {

struct ClassFacts {
  const char* name;  // of the class in JavaScript
  const char* noun;  // in libvirt's "invalid ... pointer in"
  int invalid;       // VIR_ERR_INVALID_...
  Function<int(void*)> free;
  Function<int(void*)> ref;
};

ClassFacts& FactsOf(Class object_class) {
  static ClassFacts facts[] = {
      {"virConnect", "connection", 6, {"virConnectClose", "0.0.3"}, {"virConnectRef", "0.6.0"}},
      {"virDomain", "domain", 7, {"virDomainFree", "0.0.3"}, {"virDomainRef", "0.6.0"}},
      {"virDomainCheckpoint",
       "domain checkpoint",
       102,
       {"virDomainCheckpointFree", "5.6.0"},
       {"virDomainCheckpointRef", "5.6.0"}},
      {"virDomainSnapshot",
       "domain snapshot",
       71,
       {"virDomainSnapshotFree", "0.8.0"},
       {"virDomainSnapshotRef", "0.9.13"}},
      {"virNetwork", "network", 36, {"virNetworkFree", "0.1.4"}, {"virNetworkRef", "0.6.0"}},
      {"virNetworkPort", "network port", 105, {"virNetworkPortFree", "5.5.0"}, {"virNetworkPortRef", "5.5.0"}},
      {"virInterface", "interface", 58, {"virInterfaceFree", "0.6.4"}, {"virInterfaceRef", "0.6.4"}},
      {"virStoragePool", "storage pool", 46, {"virStoragePoolFree", "0.4.1"}, {"virStoragePoolRef", "0.6.0"}},
      {"virStorageVol", "storage volume", 47, {"virStorageVolFree", "0.4.1"}, {"virStorageVolRef", "0.6.0"}},
      {"virNodeDevice", "node device", 52, {"virNodeDeviceFree", "0.5.0"}, {"virNodeDeviceRef", "0.6.0"}},
      {"virSecret", "secret", 65, {"virSecretFree", "0.7.1"}, {"virSecretRef", "0.7.1"}},
      {"virNWFilter", "network filter", 61, {"virNWFilterFree", "0.8.0"}, {"virNWFilterRef", "0.8.0"}},
      {"virNWFilterBinding",
       "network filter binding",
       100,
       {"virNWFilterBindingFree", "4.5.0"},
       {"virNWFilterBindingRef", "4.5.0"}},
      {"virStream", "stream", 73, {"virStreamFree", "0.7.2"}, {"virStreamRef", "0.7.2"}},
      {"virAdmConnect",
       "connection",
       6,
       {"virAdmConnectClose", "2.0.0", Library::Admin},
       {"virAdmConnectRef", "2.0.0", Library::Admin}},
      {"virAdmServer",
       "server",
       6,
       {"virAdmServerFree", "2.0.0", Library::Admin},
       {"virAdmServerRef", "2.0.0", Library::Admin}},
      {"virAdmClient",
       "client",
       6,
       {"virAdmClientFree", "2.0.0", Library::Admin},
       {"virAdmClientRef", "2.0.0", Library::Admin}},
  };
  return facts[static_cast<size_t>(object_class)];
}

/** What came of a connection after it was closed. */
class LateFree final : public Task {
 public:
  LateFree(Class object_class, void* pointer) : class_(object_class), pointer_(pointer) {}
  void Run() override {
    if (class_ == Class::Stream) return EndStream(pointer_, false);
    FactsOf(class_).free(pointer_);
  }
  void Finish(bool) override { delete this; }

 private:
  const Class class_;
  void* const pointer_;
};

}  // namespace

const char* NameOf(Class object_class) { return FactsOf(object_class).name; }

bool Reference(Class object_class, void* pointer) { return FactsOf(object_class).ref(pointer) == 0; }

Object::Object(Class object_class, void* pointer, Connection* connection)
    : class_(object_class), pointer_(pointer), connection_(connection) {}

void Object::Delete(Object* object) {
  if (object->connection_ == nullptr) {
    delete static_cast<Connection*>(object);
  } else if (object->class_ == Class::Stream) {
    delete static_cast<StreamObject*>(object);
  } else {
    delete object;
  }
}

Object* Object::Child(Class object_class, void* pointer, Connection* connection) {
  {
    std::lock_guard lock(connection->children_mutex_);
    if (connection->pointer() != nullptr) {
      Object* object = object_class == Class::Stream ? new StreamObject(pointer, connection)
                                                     : new Object(object_class, pointer, connection);
      connection->Retain();
      object->next_ = connection->children_;
      if (object->next_ != nullptr) object->next_->previous_ = object;
      connection->children_ = object;
      return object;
    }
  }
  // The last reference may be what closes the connection, which may hang: not on the thread of the event loop.
  ThreadPool::Get().Submit(new LateFree(object_class, pointer), nullptr, true);
  return nullptr;
}

Connection* Object::connection() { return connection_ != nullptr ? connection_ : static_cast<Connection*>(this); }

bool Object::TryRetain() {
  uint32_t owners = strong_.load(std::memory_order_relaxed);
  while (owners != 0) {
    if (strong_.compare_exchange_weak(owners, owners + 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

void Object::Release() {
  if (strong_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  delete known_;
  Reaper::Get().Take(this);
}

void Object::ReleaseMemory() {
  if (memory_.fetch_sub(1, std::memory_order_acq_rel) == 1) Delete(this);
}

std::optional<Failure> Object::WhyUnusable(const char* function) {
  if (connection()->closing())
    return InvalidObject(FactsOf(Class::Connect).invalid, FactsOf(Class::Connect).noun, function);
  if (disposed || pointer() == nullptr || strong_.load() == 0)
    return InvalidObject(FactsOf(class_).invalid, FactsOf(class_).noun, function);
  return std::nullopt;
}

Object::Known& Object::known() {
  if (known_ == nullptr) known_ = new Known();
  return *known_;
}

uint32_t Object::Turn() {
  Connection* of = connection();
  return of->inside_.load(std::memory_order_acquire) == 0 ? of->entered_.load(std::memory_order_relaxed) : 0;
}

Connection* Connection::New(void* pointer, Class object_class) { return new Connection(pointer, object_class); }

bool Connection::Enter() {
  uint32_t inside = inside_.load(std::memory_order_relaxed);
  do {
    if ((inside & kClosing) != 0) return false;
  } while (!inside_.compare_exchange_weak(inside, inside + 1, std::memory_order_acq_rel));
  entered_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Connection::Leave() {
  if (inside_.fetch_sub(1, std::memory_order_acq_rel) == (kClosing | 1))
    ThreadPool::Get().Submit(close_, nullptr, true);
}

bool Connection::BeginClose(Task* close) {
  if (closing()) return false;
  close_ = close;
  if (inside_.fetch_or(kClosing, std::memory_order_acq_rel) == 0) ThreadPool::Get().Submit(close_, nullptr, true);
  return true;
}

void Connection::AddEvent(Deregister& deregister, int callback_id) {
  std::lock_guard lock(mutex_);
  events_.emplace_back(&deregister, callback_id);
}

void Connection::RemoveEvent(Deregister& deregister, int callback_id) {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < events_.size(); ++i) {
    if (events_[i] != std::pair(&deregister, callback_id)) continue;
    events_[i] = events_.back();
    events_.pop_back();
    return;
  }
}

void Connection::SetCloseCallback(bool registered) {
  std::lock_guard lock(mutex_);
  close_callback_ = registered;
}

void EndStream(void* pointer, bool has_callback) {
  if (has_callback) lib::virStreamEventRemoveCallback(pointer);
  lib::virStreamAbort(pointer);  // fails, and nothing else, when it never began or has ended
  FactsOf(Class::Stream).free(pointer);
}

void Connection::Unlink(Object* child) {
  (child->previous_ != nullptr ? child->previous_->next_ : children_) = child->next_;
  if (child->next_ != nullptr) child->next_->previous_ = child->previous_;
}

void Connection::FreeChild(Object* child) {
  void* pointer = child->pointer_.exchange(nullptr, std::memory_order_acq_rel);
  if (pointer != nullptr) FactsOf(child->class_).free(pointer);
}

int Connection::ReleaseAll() {
  void* conn = pointer();
  if (conn == nullptr) return -2;
  std::vector<std::pair<Deregister*, int>> events;
  bool close_callback;
  {
    std::lock_guard lock(mutex_);
    events.swap(events_);
    close_callback = std::exchange(close_callback_, false);
  }
  // libvirt keeps the connection, and the socket, as long as anything is registered on it.
  for (auto [deregister, id] : events) (*deregister)(conn, id);
  if (close_callback) UnregisterCloseCallback(object_class())(conn, OnConnectionClosed);
  std::vector<std::pair<void*, bool>> streams;
  {
    std::lock_guard lock(children_mutex_);
    for (Object* child = children_; child != nullptr; child = child->next_) {
      if (child->class_ != Class::Stream) continue;
      if (void* stream = child->pointer_.exchange(nullptr, std::memory_order_acq_rel); stream != nullptr)
        streams.emplace_back(stream, static_cast<StreamObject*>(child)->has_callback);
    }
  }
  for (auto [stream, has_callback] : streams) EndStream(stream, has_callback);
  {
    std::lock_guard lock(children_mutex_);
    for (Object* child = children_; child != nullptr; child = child->next_) FreeChild(child);
    pointer_.store(nullptr, std::memory_order_release);
  }
  return FactsOf(object_class()).free(conn);
}

}  // namespace novalet
