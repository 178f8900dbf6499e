#include "onnxruntime/session.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <onnxruntime/onnxruntime_c_api.h>
#include <unistd.h>

#include <cstring>

#include "base/error.h"

namespace luthier::onnx {

namespace {

/// Standard error goes nowhere while this lives.
class Silence {
 public:
  Silence() : kept_(::dup(2)) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    ::dup2(nowhere, 2);
    ::close(nowhere);
  }
  ~Silence() {
    if (kept_ < 0) return;
    ::dup2(kept_, 2);
    ::close(kept_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int kept_;
};

const OrtApiBase& load_base() {
  const Silence silence;
  const std::string version = std::to_string(ORT_API_VERSION);
  void* library = nullptr;
  for (const std::string& name :
       {"libonnxruntime.so.1." + version, std::string("libonnxruntime.so.1"), std::string("libonnxruntime.so")})
    if (!library) library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  using GetBase = const OrtApiBase*();
  auto* get = library ? reinterpret_cast<GetBase*>(::dlsym(library, "OrtGetApiBase")) : nullptr;
  if (!get)
    fail(ErrorKind::not_found, "ONNX Runtime is not on this machine, which checks what was exported",
         "libonnxruntime.so.1." + version, "install libonnxruntime, then: luthier-cli export --verify FOLDER");
  return *get();
}

const OrtApiBase& base() {
  static const OrtApiBase& loaded = load_base();
  return loaded;
}

const OrtApi& api() {
  static const OrtApi* const loaded = base().GetApi(ORT_API_VERSION);
  if (!loaded)
    fail(ErrorKind::unsupported, std::string("ONNX Runtime ") + base().GetVersionString() + " is too old", {},
         "install 1." + std::to_string(ORT_API_VERSION) + " or newer");
  return *loaded;
}

void check(OrtStatus* status, const std::string& what, const std::string& where = {}) {
  if (!status) return;
  const std::string reason = api().GetErrorMessage(status);
  api().ReleaseStatus(status);
  fail(ErrorKind::bad_input, what + ": " + reason, where, "export the model again");
}

struct Release {
  void operator()(OrtEnv* one) const { api().ReleaseEnv(one); }
  void operator()(OrtSession* one) const { api().ReleaseSession(one); }
  void operator()(OrtSessionOptions* one) const { api().ReleaseSessionOptions(one); }
  void operator()(OrtMemoryInfo* one) const { api().ReleaseMemoryInfo(one); }
  void operator()(OrtValue* one) const { api().ReleaseValue(one); }
  void operator()(OrtTensorTypeAndShapeInfo* one) const { api().ReleaseTensorTypeAndShapeInfo(one); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

OrtEnv* environment() {
  static const Owned<OrtEnv> made = [] {
    OrtEnv* one = nullptr;
    check(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "luthier", &one), "ONNX Runtime does not start");
    return Owned<OrtEnv>(one);
  }();
  return made.get();
}

Array array_from(OrtValue* value) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  check(api().GetTensorTypeAndShape(value, &raw), "a result is no tensor");
  const Owned<OrtTensorTypeAndShapeInfo> info(raw);
  std::size_t dimensions = 0;
  ONNXTensorElementDataType type{};
  check(api().GetDimensionsCount(raw, &dimensions), "a result has no shape");
  check(api().GetTensorElementType(raw, &type), "a result has no type");
  Array array;
  array.type = static_cast<ElementType>(type);
  array.shape.resize(dimensions);
  check(api().GetDimensions(raw, array.shape.data(), dimensions), "a result has no shape");
  array.bytes.resize(static_cast<std::size_t>(array.elements()) * size_of(array.type));
  void* numbers = nullptr;
  check(api().GetTensorMutableData(value, &numbers), "a result has no numbers");
  if (!array.bytes.empty()) std::memcpy(array.bytes.data(), numbers, array.bytes.size());
  return array;
}

template <class Number>
Array copied(ElementType type, std::vector<std::int64_t> shape, const std::vector<Number>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {type, std::move(shape), {bytes.begin(), bytes.end()}};
}

}  // namespace

std::int64_t Array::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::vector<float> Array::numbers() const { return numbers_of(tensor_of("", type, shape, bytes)); }

Array array_of(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return copied(ElementType::f32, std::move(shape), values);
}

Array array_of(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
  return copied(ElementType::i64, std::move(shape), values);
}

Array zeros(ElementType type, std::vector<std::int64_t> shape) {
  Array array{type, std::move(shape)};
  array.bytes.resize(static_cast<std::size_t>(array.elements()) * size_of(type));
  return array;
}

struct Session::State {
  Owned<OrtSession> session;
  Owned<OrtMemoryInfo> memory;
};

Session::Session(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  if (!std::filesystem::exists(file)) fail(ErrorKind::not_found, "there is no such file", file.string());
  const Silence silence;  // the first session registers every operation, most of them a second time
  OrtSessionOptions* options = nullptr;
  check(api().CreateSessionOptions(&options), "ONNX Runtime does not start");
  const Owned<OrtSessionOptions> kept(options);
  check(api().SetIntraOpNumThreads(options, 1), "ONNX Runtime does not start");
  check(api().SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL), "ONNX Runtime does not start");
  OrtSession* session = nullptr;
  check(api().CreateSession(environment(), file.c_str(), options, &session), "ONNX Runtime does not open it",
        file.string());
  state_->session.reset(session);
  OrtMemoryInfo* memory = nullptr;
  check(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory), "ONNX Runtime does not start");
  state_->memory.reset(memory);
}

Session::~Session() = default;

std::vector<Array> Session::run(const std::map<std::string, Array>& inputs,
                                const std::vector<std::string>& outputs) const {
  std::vector<const char*> input_names, output_names;
  std::vector<Owned<OrtValue>> values;
  std::vector<const OrtValue*> given;
  for (const auto& [name, array] : inputs) {
    OrtValue* value = nullptr;
    check(api().CreateTensorWithDataAsOrtValue(state_->memory.get(), const_cast<std::byte*>(array.bytes.data()),
                                               array.bytes.size(), array.shape.data(), array.shape.size(),
                                               static_cast<ONNXTensorElementDataType>(array.type), &value),
          "ONNX Runtime does not take the input " + name);
    values.emplace_back(value);
    given.push_back(value);
    input_names.push_back(name.c_str());
  }
  for (const std::string& name : outputs) output_names.push_back(name.c_str());
  std::vector<OrtValue*> results(outputs.size(), nullptr);
  OrtStatus* status = api().Run(state_->session.get(), nullptr, input_names.data(), given.data(), given.size(),
                                output_names.data(), output_names.size(), results.data());
  std::vector<Owned<OrtValue>> kept;
  for (OrtValue* result : results) kept.emplace_back(result);
  check(status, "ONNX Runtime cannot compute this row");
  std::vector<Array> arrays;
  for (const Owned<OrtValue>& result : kept) arrays.push_back(array_from(result.get()));
  return arrays;
}

std::string runtime_version() { return base().GetVersionString(); }

}  // namespace luthier::onnx
