#pragma once
// A GGUF file while it is made: keys first, then a table of tensors, then their data in the same order.
#include <gguf.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace luthier::gguf {

struct FreeFile {
  void operator()(gguf_context* one) const { gguf_free(one); }
  void operator()(ggml_context* one) const { ggml_free(one); }
};

class Writer {
 public:
  /// Keys given without a dot at the start are written as they are; ".x" as "<architecture>.x".
  explicit Writer(std::string architecture);

  void text(const std::string& key, const std::string& value);
  void count(const std::string& key, std::int64_t value);  ///< 32 bits without sign
  void number(const std::string& key, double value);       ///< fp32
  void flag(const std::string& key, bool value);
  void texts(const std::string& key, const std::vector<std::string>& values);
  void counts(const std::string& key, const std::vector<std::int32_t>& values);
  void numbers(const std::string& key, const std::vector<float>& values);
  void bytes(const std::string& key, const std::string& values);

  /// `shape` as in the checkpoint: the last size is the one that lies together.
  void add_tensor(const std::string& name, ggml_type type, const std::vector<std::int64_t>& shape);
  /// Everything but the data. Afterwards write_data() for each tensor in the order of add_tensor().
  void write_header(const std::filesystem::path& file);
  void write_data(std::span<const std::byte> bytes);
  /// Syncs the file to disk; internal error when data is missing.
  void finish();
  ~Writer();

 private:
  std::string full(const std::string& key) const;

  std::string architecture_;
  std::unique_ptr<gguf_context, FreeFile> file_;
  std::unique_ptr<ggml_context, FreeFile> tensors_;
  std::vector<std::string> names_;
  std::filesystem::path path_;
  std::size_t next_ = 0;
  int descriptor_ = -1;
};

}  // namespace luthier::gguf
