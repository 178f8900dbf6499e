#include "gguf/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"

namespace luthier::gguf {

namespace {
constexpr std::size_t kMostTensors = 1 << 16;

std::unique_ptr<ggml_context, FreeFile> table_of_tensors() {
  return std::unique_ptr<ggml_context, FreeFile>(
      ggml_init({.mem_size = ggml_tensor_overhead() * kMostTensors, .mem_buffer = nullptr, .no_alloc = true}));
}
}  // namespace

Writer::Writer(std::string architecture)
    : architecture_(std::move(architecture)), file_(gguf_init_empty()), tensors_(table_of_tensors()) {
  text("general.architecture", architecture_);
}

Writer::~Writer() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string Writer::full(const std::string& key) const { return key.starts_with('.') ? architecture_ + key : key; }

void Writer::text(const std::string& key, const std::string& value) {
  gguf_set_val_str(file_.get(), full(key).c_str(), value.c_str());
}

void Writer::count(const std::string& key, std::int64_t value) {
  if (value < 0 || value > UINT32_MAX)
    fail(ErrorKind::bad_input, std::to_string(value) + " is out of range", full(key), "check config.json");
  gguf_set_val_u32(file_.get(), full(key).c_str(), static_cast<std::uint32_t>(value));
}

void Writer::number(const std::string& key, double value) {
  gguf_set_val_f32(file_.get(), full(key).c_str(), static_cast<float>(value));
}

void Writer::flag(const std::string& key, bool value) { gguf_set_val_bool(file_.get(), full(key).c_str(), value); }

void Writer::texts(const std::string& key, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  gguf_set_arr_str(file_.get(), full(key).c_str(), pointers.data(), pointers.size());
}

void Writer::counts(const std::string& key, const std::vector<std::int32_t>& values) {
  gguf_set_arr_data(file_.get(), full(key).c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

void Writer::numbers(const std::string& key, const std::vector<float>& values) {
  gguf_set_arr_data(file_.get(), full(key).c_str(), GGUF_TYPE_FLOAT32, values.data(), values.size());
}

void Writer::bytes(const std::string& key, const std::string& values) {
  gguf_set_arr_data(file_.get(), full(key).c_str(), GGUF_TYPE_UINT8, values.data(), values.size());
}

void Writer::add_tensor(const std::string& name, ggml_type type, const std::vector<std::int64_t>& shape) {
  if (names_.size() == kMostTensors || name.size() >= GGML_MAX_NAME || shape.empty() || shape.size() > GGML_MAX_DIMS)
    fail(ErrorKind::unsupported, "a GGUF file cannot hold this tensor", name);
  const std::vector<std::int64_t> sizes(shape.rbegin(), shape.rend());
  ggml_tensor* tensor = ggml_new_tensor(tensors_.get(), type, static_cast<int>(sizes.size()), sizes.data());
  ggml_set_name(tensor, name.c_str());
  gguf_add_tensor(file_.get(), tensor);
  names_.push_back(name);
}

void Writer::write_header(const std::filesystem::path& file) {
  path_ = file;
  std::string header(gguf_get_meta_size(file_.get()), '\0');
  gguf_get_meta_data(file_.get(), header.data());
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail_errno("the file cannot be written", path_.string());
  write_all(descriptor_, header.data(), header.size(), path_.string());
}

void Writer::write_data(std::span<const std::byte> bytes) {
  const auto index = static_cast<std::int64_t>(next_);
  if (next_ >= names_.size() || bytes.size() != gguf_get_tensor_size(file_.get(), index))
    fail(ErrorKind::internal, "the data of a tensor has another size than was announced", path_.string());
  ++next_;
  write_all(descriptor_, bytes.data(), bytes.size(), path_.string());
  const std::size_t alignment = gguf_get_alignment(file_.get()), over = bytes.size() % alignment;
  const std::string padding(over ? alignment - over : 0, '\0');
  write_all(descriptor_, padding.data(), padding.size(), path_.string());
}

void Writer::finish() {
  if (next_ != names_.size()) fail(ErrorKind::internal, "tensors without data", path_.string());
  if (::fsync(descriptor_) != 0) fail_errno("the file cannot be written", path_.string());
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace luthier::gguf
