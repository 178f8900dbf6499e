#pragma once
// Python's pickle format as data: a stack machine that builds numbers, texts and containers and runs nothing.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace luthier {

enum class PickleKind {
  none,
  boolean,
  integer,
  big_integer,  ///< more than 64 bits: `text` has its bytes, the lowest first
  real,
  text,
  bytes,
  tuple,
  list,
  dict,  ///< `items`: key, value, key, value ...
  set,
  global,   ///< a name of the allow-list: `text`
  storage,  ///< `integer`: which one, as the reader numbers them
  tensor,   ///< the same
  other     ///< something harmless that nobody needs
};

using PickleId = std::uint32_t;

constexpr std::size_t kNodeLimit = 4'000'000;  ///< values in one pickle; a tensor takes about twenty
constexpr std::size_t kStackLimit = 4'000'000;

struct PickleNode {
  PickleKind kind = PickleKind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text{};
  std::vector<PickleId> items{};
};

/// Reads protocols 2 to 5. Values lie in one arena, so that neither depth nor cycles cost stack. A reader that knows
/// what a file may hold derives from it and says which globals are allowed and what calling one makes.
class PickleReader {
 public:
  /// `bytes` must outlive the reader; `where` names the file in errors.
  PickleReader(std::span<const std::byte> bytes, std::string where);
  virtual ~PickleReader() = default;
  PickleReader(PickleReader&&) = default;  // not copied: texts of globals point into the reader

  /// The value of the pickle at the current position, which is then behind its end. bad_input for damage, unsupported
  /// for a global that is not allowed (named in the message).
  PickleId read();

  std::uint64_t position() const { return position_; }
  const PickleNode& node(PickleId id) const { return nodes_[id]; }
  std::uint64_t length() const { return bytes_.size(); }

 protected:
  virtual bool is_allowed(std::string_view global) const = 0;
  /// What calling a global with a tuple of arguments makes.
  virtual PickleId call(std::string_view global, const PickleNode& arguments) = 0;
  /// What a persistent id stands for.
  virtual PickleId persistent(const PickleNode& id) = 0;

  PickleId add(PickleNode node);
  PickleNode& node(PickleId id) { return nodes_[id]; }
  [[noreturn]] void damaged(const std::string& how) const;
  const std::string& where() const { return where_; }

 private:
  void step(std::uint8_t opcode);
  bool push_number(std::uint8_t opcode);
  bool push_text(std::uint8_t opcode);
  bool push_container(std::uint8_t opcode);
  bool fill_container(std::uint8_t opcode);
  bool use_memo(std::uint8_t opcode);
  bool use_object(std::uint8_t opcode);

  std::uint64_t number(std::size_t size);
  std::string_view take(std::uint64_t size);
  std::string_view line();
  void push(PickleId id);
  void push(PickleNode node) { push(add(std::move(node))); }
  PickleId pop();
  PickleId top() const;
  std::vector<PickleId> pop_to_mark();
  void push_integer(std::uint64_t size);
  void push_global(std::string_view module, std::string_view name);
  void append(PickleKind kind, const std::vector<PickleId>& items);
  void count(std::size_t items);
  void reduce(PickleId function, PickleId arguments);

  std::span<const std::byte> bytes_;
  std::string where_;
  std::uint64_t position_ = 0;
  std::vector<PickleNode> nodes_;
  std::size_t item_count_ = 0;
  std::deque<std::string> names_;  // what the texts of globals point into
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleId> memo_;
};

}  // namespace luthier
