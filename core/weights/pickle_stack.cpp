// What the pickle machine stands on: reading bytes, the arena of values, the stack and its marks, each with its limit.
#include "base/error.h"
#include "weights/pickle.h"

namespace luthier {

namespace {
constexpr std::size_t kItemLimit = 16'000'000;  // in all containers together
}  // namespace

std::uint64_t PickleReader::number(std::size_t size) {
  const std::string_view digits = take(size);
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
  return value;
}

std::string_view PickleReader::take(std::uint64_t size) {
  if (size > bytes_.size() - position_) damaged("it is cut off");
  const std::string_view part(reinterpret_cast<const char*>(bytes_.data()) + position_, size);
  position_ += size;
  return part;
}

std::string_view PickleReader::line() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, bytes_.size() - position_);
  const std::size_t end = rest.substr(0, 4096).find('\n');
  if (end == std::string_view::npos) damaged("a global's name has no end");
  position_ += end + 1;
  return rest.substr(0, end);
}

PickleId PickleReader::add(PickleNode node) {
  if (nodes_.size() == kNodeLimit) damaged("it holds too many values");
  count(node.items.size());
  nodes_.push_back(std::move(node));
  return static_cast<PickleId>(nodes_.size() - 1);
}

void PickleReader::count(std::size_t items) {
  if (items > kItemLimit - item_count_) damaged("it holds too many values");
  item_count_ += items;
}

void PickleReader::push(PickleId id) {
  if (stack_.size() == kStackLimit) damaged("it nests too deeply");
  stack_.push_back(id);
}

PickleId PickleReader::top() const {
  if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) damaged("a value is missing");
  return stack_.back();
}

PickleId PickleReader::pop() {
  const PickleId id = top();
  stack_.pop_back();
  return id;
}

std::vector<PickleId> PickleReader::pop_to_mark() {
  if (marks_.empty()) damaged("a mark is missing");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<PickleId> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void PickleReader::damaged(const std::string& how) const {
  fail(ErrorKind::bad_input, "the pickle in this file is damaged: " + how, where_,
       "fetch the file again, or get the model's .safetensors version");
}

}  // namespace luthier
