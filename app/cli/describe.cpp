// luthier-cli describe: the catalogs, and what goes with what.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "recipe/catalog.h"
#include "recipe/support.h"

namespace luthier {

namespace {
template <class Entries>
void print_entries(const std::string& title, const Entries& entries) {
  std::cout << title << "\n";
  for (const auto& entry : entries) {
    std::cout << "  " << entry.kind << " - " << entry.label << ": " << entry.help << "\n";
    if constexpr (requires { entry.options; }) std::cout << specs_to_help(entry.options, 6);
  }
  std::cout << "\n";
}
}  // namespace

int command_describe(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::describe, {}, {"--table"});
  arguments.at_most(0);
  if (arguments.flag("--table")) {
    std::cout << support_table();
    return 0;
  }
  if (arguments.json()) {
    std::cout << describe_catalogs().dump(2) << "\n";
    return 0;
  }
  print_entries("FAMILIES", families());
  print_entries("OBJECTIVES", objectives());
  print_entries("METHODS", methods());
  print_entries("METRICS", metrics());
  print_entries("EXPORTERS", exporters());
  return 0;
}

}  // namespace luthier
