#pragma once
// The words after a command: positions, options with a value, flags. Small on purpose: `luthier-cli lab` must build
// with LibTorch and nlohmann/json alone.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace luthier {

class Arguments {
 public:
  /// `usage`: the command's usage text, shown in every error. `valued`: options that take a value ("--model"), `flags`:
  /// those that take none ("--json" is always known). "--key=value" works too; after "--" everything is a position.
  /// bad_input on unknown options (with the closest known one) and missing values.
  Arguments(const std::vector<std::string>& words, std::string usage, const std::vector<std::string>& valued,
            const std::vector<std::string>& flags);

  bool flag(const std::string& name) const;
  std::optional<std::string> value(const std::string& name) const;  ///< the last one given
  std::vector<std::string> values(const std::string& name) const;   ///< all, in order
  std::string required(const std::string& name) const;              ///< bad_input when absent
  std::int64_t integer(const std::string& name, std::int64_t fallback) const;
  double number(const std::string& name, double fallback) const;
  const std::vector<std::string>& positions() const { return positions_; }
  std::string position(std::size_t index, const std::string& what) const;  ///< bad_input when absent
  /// bad_input when there are more positions than this.
  void at_most(std::size_t positions) const;
  bool json() const { return flag("--json"); }

 private:
  [[noreturn]] void wrong(const std::string& message) const;
  std::string usage_;
  std::vector<std::string> positions_;
  std::vector<std::string> flags_;
  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace luthier
