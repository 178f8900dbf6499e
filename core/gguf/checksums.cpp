#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "gguf/convert.h"
#include "gguf/writer.h"

namespace luthier {

std::map<std::string, std::string> gguf_checksums(const fs::path& path) {
  const auto mapped = MappedFile::open(path);
  const std::unique_ptr<gguf_context, gguf::FreeFile> file(
      gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr}));
  if (!file) fail(ErrorKind::bad_input, "this is no complete GGUF file", path.string(), "export the model again");
  const std::size_t start = gguf_get_data_offset(file.get());
  std::map<std::string, std::string> sums;
  for (std::int64_t i = 0; i < gguf_get_n_tensors(file.get()); ++i) {
    const std::string name = gguf_get_tensor_name(file.get(), i);
    const std::size_t offset = start + gguf_get_tensor_offset(file.get(), i),
                      size = gguf_get_tensor_size(file.get(), i);
    if (offset > mapped->size() || size > mapped->size() - offset)
      fail(ErrorKind::bad_input, "the file ends before the tensor " + name, path.string(), "export the model again");
    const std::string type = ggml_type_name(gguf_get_tensor_type(file.get(), i));
    sums[name] = hex(hash_bytes(mapped->data() + offset, size, hash_bytes(type.data(), type.size())));
  }
  sums["metadata"] = hex(hash_bytes(mapped->data(), std::min(start, mapped->size())));
  return sums;
}

}  // namespace luthier
