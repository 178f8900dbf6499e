#include "cli/lab/lab.h"

#include "base/error.h"
#include "base/options.h"

namespace luthier {

namespace {
constexpr std::pair<const char*, int (*)(const std::vector<std::string>&)> kExperiments[] = {
    {"forward", lab_forward}, {"replay", lab_replay}, {"preference", lab_preference}, {"quantise", lab_quantise}};
}  // namespace

int run_lab(const std::vector<std::string>& words) {
  const std::string what = words.empty() ? "" : words[0];
  std::vector<std::string> known;
  for (const auto& [name, run] : kExperiments) {
    if (what == name) return run({words.begin() + 1, words.end()});
    known.push_back(name);
  }
  const std::string meant = closest(what, known);
  fail(ErrorKind::bad_input, what.empty() ? "lab needs to know what to do" : "lab cannot \"" + what + "\"", {},
       meant.empty() ? "use lab forward, replay, preference or quantise" : "did you mean " + meant + "?");
}

}  // namespace luthier
