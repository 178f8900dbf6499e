#include "weights/header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "base/error.h"
#include "base/json.h"
#include "weights/weights.h"

namespace luthier {

namespace {

std::optional<DType> dtype_from(const std::string& text) {
  for (const DType type : {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::i32, DType::i16,
                           DType::i8, DType::u8, DType::boolean})
    if (to_string(type) == text) return type;
  return std::nullopt;
}

/// Reads the header as it streams by: no tree of a hundred megabytes, and a name that comes twice is seen.
/// Level 1 holds names, level 2 an entry's fields or the metadata, level 3 a list of numbers.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& where) : where_(where) {}

  SafetensorsHeader header;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a fraction"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool number_integer(number_integer_t) override { wrong("a shape or offset is negative"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (level_ != 2 || !in_list_) return unexpected("a number");
    if (field_ == "data_offsets") {
      if (offsets_.size() == 2) wrong("data_offsets must be two numbers");
      offsets_.push_back(value);
      return true;
    }
    if (value > static_cast<std::uint64_t>(INT64_MAX)) wrong("a dimension is too large");
    if (tensor_.shape.size() == kDimensionLimit) wrong("it has more than 64 dimensions");
    tensor_.shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool string(string_t& text) override {
    if (level_ != 2 || in_list_) return unexpected("a text");
    if (in_metadata_) {
      header.metadata.emplace_back(field_, text);
      return true;
    }
    if (field_ != "dtype") return unexpected("a text");
    const std::optional<DType> type = dtype_from(text);
    if (!type)
      fail(ErrorKind::unsupported,
           "tensor \"" + tensor_.name + "\" is of type \"" + text + "\", which Luthier cannot read", where_,
           "use a version of the model in F32, F16 or BF16");
    tensor_.type = *type;
    return true;
  }

  bool start_object(std::size_t) override {
    if (++level_ > 2 || in_list_) return unexpected("a nested object");
    fields_.clear();
    if (level_ == 2 && !in_metadata_) {
      tensor_.shape.clear();
      offsets_.clear();
    }
    return true;
  }

  bool end_object() override {
    if (--level_ == 1) {
      if (!in_metadata_) finish_tensor();
      in_metadata_ = false;
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (level_ != 2 || in_list_ || in_metadata_ || (field_ != "shape" && field_ != "data_offsets"))
      return unexpected("a list");
    in_list_ = true;
    return true;
  }

  bool end_array() override {
    in_list_ = false;
    return true;
  }

  bool key(string_t& text) override {
    if (level_ == 1) {
      tensor_.name = text;
      in_metadata_ = text == "__metadata__";
      if (text.empty()) wrong("a tensor has no name");
      if (!names_.insert(text).second) wrong("its name stands in the header twice");
      return true;
    }
    field_ = text;
    if (!fields_.insert(text).second) wrong("\"" + text + "\" stands in its entry twice");
    if (!in_metadata_ && text != "dtype" && text != "shape" && text != "data_offsets")
      wrong("its entry has an unknown field \"" + text + "\"");
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    fail(ErrorKind::bad_input, "the safetensors header is not valid JSON at its byte " + std::to_string(position),
         where_, "the file is damaged: fetch it again");
  }

 private:
  [[noreturn]] void wrong(const std::string& message) const {
    const std::string tensor = tensor_.name.empty() ? "" : "tensor \"" + tensor_.name + "\": ";
    fail(ErrorKind::bad_input, tensor + message, where_,
         "the file is damaged or was not written by a safetensors library");
  }

  bool unexpected(const std::string& what) const { wrong(what + " stands where the header cannot have one"); }

  void finish_tensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"})
      if (!fields_.contains(field)) wrong("its entry has no \"" + std::string(field) + "\"");
    if (offsets_.size() != 2) wrong("data_offsets must be two numbers");
    tensor_.begin = offsets_[0];
    tensor_.end = offsets_[1];
    header.tensors.push_back(tensor_);
  }

  const std::string& where_;
  HeaderTensor tensor_;
  std::string field_;
  std::vector<std::uint64_t> offsets_;
  std::unordered_set<std::string> names_, fields_;
  int level_ = 0;
  bool in_list_ = false, in_metadata_ = false;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

void check_layout(const SafetensorsHeader& header, std::uint64_t data_bytes, const std::string& where) {
  const std::string hint = "the file is damaged: fetch it again";
  const HeaderTensor* previous = nullptr;
  std::uint64_t end = 0;
  for (const HeaderTensor& tensor : header.tensors) {
    const std::string name = "tensor \"" + tensor.name + "\"";
    if (tensor.end < tensor.begin) fail(ErrorKind::bad_input, name + " ends before it begins", where, hint);
    if (tensor.end > data_bytes)
      fail(ErrorKind::bad_input,
           name + " ends at byte " + std::to_string(tensor.end) + ", but the file holds " + std::to_string(data_bytes) +
               " bytes of data: it is cut off",
           where, "fetch the file again");
    const std::int64_t wanted = checked_bytes(tensor.shape, tensor.type);
    if (wanted < 0)
      fail(ErrorKind::bad_input, name + " has an impossible shape " + shape_text(tensor.shape), where, hint);
    if (static_cast<std::uint64_t>(wanted) != tensor.end - tensor.begin)
      fail(ErrorKind::bad_input,
           name + " of shape " + shape_text(tensor.shape) + " and type " + to_string(tensor.type) + " needs " +
               std::to_string(wanted) + " bytes, but has " + std::to_string(tensor.end - tensor.begin),
           where, hint);
    if (tensor.begin < end)
      fail(ErrorKind::bad_input, name + " overlaps tensor \"" + (previous ? previous->name : "") + "\"", where, hint);
    if (tensor.begin > end)
      fail(ErrorKind::bad_input, "there is a gap of " + std::to_string(tensor.begin - end) + " bytes before " + name,
           where, hint);
    end = tensor.end;
    previous = &tensor;
  }
  if (end != data_bytes)
    fail(ErrorKind::bad_input, std::to_string(data_bytes - end) + " bytes after the last tensor belong to none", where,
         hint);
}

}  // namespace

std::int64_t checked_bytes(const std::vector<std::int64_t>& shape, DType type) {
  // Zero-size dimensions count as 1 in the overflow check: strides are computed from the others all the same.
  std::int64_t elements = 1, guard = static_cast<std::int64_t>(size_of(type));
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(guard, std::max<std::int64_t>(size, 1), &guard)) return -1;
    elements *= size;
  }
  return elements * static_cast<std::int64_t>(size_of(type));
}

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& where) {
  if (json.empty() || json.front() != '{')
    fail(ErrorKind::bad_input, "this is not a safetensors file: its header does not begin with \"{\"", where,
         "choose a .safetensors file");
  HeaderReader reader(where);
  Json::sax_parse(json.begin(), json.end(), &reader);
  SafetensorsHeader header = std::move(reader.header);
  const auto order = [](const HeaderTensor& a, const HeaderTensor& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  };
  std::stable_sort(header.tensors.begin(), header.tensors.end(), order);
  check_layout(header, data_bytes, where);
  return header;
}

}  // namespace luthier
