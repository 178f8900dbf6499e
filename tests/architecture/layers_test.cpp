// Holds the sources to the architecture: core/CMakeLists.txt says which module may include which; names and lengths
// follow the conventions of docs/architecture.md.
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "support/testing.h"

using namespace luthier;

namespace {

using Names = std::set<std::string>;

struct Module {
  Names allowed;  ///< itself and everything after DEPS, transitively
  bool torch = false;
};

/// The modules as core/CMakeLists.txt lists them: luthier_module(NAME [DEPS ...] [LINKS ...] [TORCH] [ALL_PARTS_ONLY]).
std::map<std::string, Module> modules_of(const std::string& cmake) {
  std::map<std::string, Module> modules;
  static const std::regex call(R"(luthier_module\(([^)]*)\))");
  std::istringstream lines(cmake);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with("#") || !std::regex_search(line, match, call)) continue;
    std::istringstream words(match[1].str());
    std::string name, word, section;
    words >> name;
    Module& module = modules[name];
    module.allowed.insert(name);
    while (words >> word) {
      if (word == "DEPS" || word == "LINKS") section = word;
      if (word == "TORCH") module.torch = true;
      if (section == "DEPS" && modules.contains(word))
        module.allowed.insert(modules[word].allowed.begin(), modules[word].allowed.end());
    }
  }
  return modules;
}

struct Include {
  std::string path;
  bool quoted = false;
};

std::vector<Include> includes_of(const std::string& text) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, pattern)) includes.push_back({match[2], match[1] == "\""});
  }
  return includes;
}

std::string first_part(const std::string& path) {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool is_torch(const std::string& path) {
  static const Names roots = {"torch", "ATen", "c10", "caffe2"};
  return roots.contains(first_part(path));
}

bool is_qt(const std::string& path) {
  static const std::regex pattern(R"(^(Qt[A-Z]\w*/.*|Q[A-Z]\w*|qcustomplot\.h)$)");
  return std::regex_match(path, pattern);
}

/// Libraries that one module alone may know.
const std::map<std::string, std::string>& owners() {
  static const std::map<std::string, std::string> table = {
      {"duckdb.h", "data"},   {"duckdb.hpp", "data"}, {"SQLiteCpp", "store"},
      {"sqlite3.h", "store"}, {"pcre2.h", "text"},    {"utf8proc.h", "text"},
      {"httplib.h", "serve"}, {"curl/curl.h", "hub"}, {"openssl/evp.h", "hub"},
  };
  return table;
}

/// What is wrong with the includes of one file. `place`: what it belongs to ("train", "app/cli").
std::vector<std::string> include_problems(const std::string& text, const std::string& place, const Names& allowed,
                                          bool may_torch, bool may_qt) {
  std::vector<std::string> problems;
  for (const Include& one : includes_of(text)) {
    if (!may_torch && is_torch(one.path)) problems.push_back("includes LibTorch's " + one.path);
    if (!may_qt && is_qt(one.path)) problems.push_back("includes Qt's " + one.path);
    const std::string root = first_part(one.path).empty() ? one.path : first_part(one.path);
    if (const auto owner = owners().find(root); owner != owners().end() && owner->second != place)
      problems.push_back("includes " + one.path + ", which belongs to " + owner->second);
    if (one.quoted && one.path.find("..") != std::string::npos)
      problems.push_back("includes " + one.path + " by a relative path");
    else if (one.quoted && !allowed.contains(first_part(one.path)))
      problems.push_back("may not include " + one.path);
  }
  return problems;
}

/// Words that say nothing about what a thing is.
const std::regex& banned_name() {
  static const std::regex pattern(R"((Manager|Helper|Util|Utils|Service|Context|Wrapper)$)");
  return pattern;
}

std::vector<std::string> name_problems(const std::string& text) {
  static const std::regex type(R"(\b(?:class|struct|union|enum class|using)\s+([A-Za-z_]\w*)\s*(?:[:{;=]|final|$))");
  std::vector<std::string> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') != std::string::npos && line.substr(line.find_first_not_of(' '), 2) == "//")
      continue;
    for (std::sregex_iterator match(line.begin(), line.end(), type), end; match != end; ++match)
      if (const std::string name = (*match)[1]; std::regex_search(name, banned_name()))
        problems.push_back("has a type called " + name);
  }
  return problems;
}

bool is_banned_file(const std::string& stem) {
  static const std::regex pattern(R"((^|_)(manager|helpers?|utils?|service|context|wrapper)(_|$))");
  return std::regex_search(stem, pattern);
}

std::vector<fs::path> sources_below(const std::string& folder) {
  std::vector<fs::path> sources;
  const fs::path root = luthier::testing::source_folder() / folder;
  if (!fs::exists(root)) return sources;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (const std::string ending = entry.path().extension().string(); ending == ".cpp" || ending == ".h")
      sources.push_back(entry.path());
  std::sort(sources.begin(), sources.end());
  return sources;
}

std::string shown(const fs::path& path) { return fs::relative(path, luthier::testing::source_folder()).string(); }

std::string listed(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& one : problems) text += "\n  " + one;
  return text;
}

}  // namespace

class LayersTest : public QObject {
  Q_OBJECT

  std::map<std::string, Module> modules_;
  Names all_, torch_free_;

  void check(const fs::path& file, const std::string& place, const Names& allowed, bool may_torch, bool may_qt,
             std::vector<std::string>& problems) const {
    for (const std::string& one : include_problems(read_file(file), place, allowed, may_torch, may_qt))
      problems.push_back(shown(file) + " " + one);
  }

 private Q_SLOTS:
  void initTestCase() {
    modules_ = modules_of(read_file(luthier::testing::source_folder() / "core/CMakeLists.txt"));
    QVERIFY(modules_.size() > 10);
    for (const auto& [name, module] : modules_) {
      all_.insert(name);
      if (!module.torch) torch_free_.insert(name);
    }
  }

  void keepsTorchFreeModulesFreeOfTorchModules() {
    for (const auto& [name, module] : modules_)
      for (const std::string& other : module.allowed)
        QVERIFY2(module.torch || !modules_.at(other).torch, (name + " depends on " + other).c_str());
  }

  void keepsTheCoreInItsLayers() {
    std::vector<std::string> problems;
    std::int64_t seen = 0;
    for (const fs::path& file : sources_below("core")) {
      const std::string name = fs::relative(file, luthier::testing::source_folder() / "core").begin()->string();
      const auto module = modules_.find(name);
      if (module == modules_.end())
        problems.push_back(shown(file) + " belongs to no module of core/CMakeLists.txt");
      else
        check(file, name, module->second.allowed, module->second.torch, false, problems);
      ++seen;
    }
    QVERIFY2(problems.empty(), listed(problems).c_str());
    QVERIFY(seen > 20);
  }

  /// luthier-cli starts without LibTorch: what needs it stands in cli/engine and, for the numbers alone, in cli/lab.
  void keepsTheProgramsInTheirLayers() {
    const Names lab_modules = {"base", "weights", "recipe", "nn", "models", "methods", "cli"};
    Names everything = all_, light = torch_free_;
    everything.insert("cli");
    light.insert("cli");
    std::vector<std::string> problems;
    for (const fs::path& file : sources_below("app/cli")) {
      const std::string path = shown(file);
      const bool lab = path.starts_with("app/cli/lab");  // cli/lab/ and cli/lab_main.cpp
      const bool engine = path.starts_with("app/cli/engine/");
      check(file, "app/cli", lab ? lab_modules : engine ? everything : light, lab || engine, false, problems);
      for (const Include& one : includes_of(read_file(file)))
        if (!lab && !engine && (one.path.starts_with("cli/lab/") || one.path.starts_with("cli/engine/")))
          problems.push_back(path + " may not include " + one.path);
    }
    QVERIFY2(problems.empty(), listed(problems).c_str());
  }

  void keepsTheWindowFreeOfTorch() {
    Names allowed = torch_free_;
    allowed.insert(
        {"theme", "widgets", "jobs", "document", "forms", "charts", "pages", "shell", "workbench", "precompiled.h"});
    std::vector<std::string> problems;
    for (const char* folder : {"ui", "app/workbench"})
      for (const fs::path& file : sources_below(folder)) check(file, "ui", allowed, false, true, problems);
    QVERIFY2(problems.empty(), listed(problems).c_str());
  }

  void callsThingsByWhatTheyAre() {
    std::vector<std::string> problems;
    for (const char* folder : {"core", "app", "ui", "tests"})
      for (const fs::path& file : sources_below(folder)) {
        if (is_banned_file(file.stem().string())) problems.push_back(shown(file) + " has an empty name");
        for (const std::string& one : name_problems(read_file(file)))
          if (file.filename() != "layers_test.cpp") problems.push_back(shown(file) + " " + one);
      }
    QVERIFY2(problems.empty(), listed(problems).c_str());
  }

  void keepsFilesShort() {
    std::vector<std::string> problems;
    for (const auto& [folder, most] : {std::pair{"core", 400}, {"app", 400}, {"ui", 400}, {"tests", 600}})
      for (const fs::path& file : sources_below(folder)) {
        const std::string text = read_file(file);
        const auto lines = std::count(text.begin(), text.end(), '\n');
        if (lines > most)
          problems.push_back(shown(file) + " has " + std::to_string(lines) + " lines: split it by topic");
      }
    QVERIFY2(problems.empty(), listed(problems).c_str());
  }

  void guardsEveryHeader() {
    std::vector<std::string> problems;
    for (const char* folder : {"core", "app", "ui", "tests"})
      for (const fs::path& file : sources_below(folder))
        if (file.extension() == ".h" && !read_file(file).starts_with("#pragma once"))
          problems.push_back(shown(file) + " does not begin with #pragma once");
    QVERIFY2(problems.empty(), listed(problems).c_str());
  }

  /// The checks themselves: each must see what it is there for.
  void seesViolations() {
    const auto modules = modules_of(
        "luthier_module(base LINKS x)\nluthier_module(nn DEPS base TORCH)\n"
        "# luthier_module(gone)\nluthier_module(models DEPS nn LINKS base2 TORCH ALL_PARTS_ONLY)\n");
    QCOMPARE(modules.size(), 3u);
    QCOMPARE(modules.at("models").allowed, (Names{"base", "models", "nn"}));
    QVERIFY(modules.at("nn").torch && !modules.at("base").torch);
    const auto count = [](const std::string& text, bool torch, bool qt) {
      return include_problems(text, "base", {"base"}, torch, qt).size();
    };
    QCOMPARE(count("#include \"base/error.h\"\n#include <vector>\n", false, false), 0u);
    QCOMPARE(count("#include \"nn/linear.h\"\n", false, false), 1u);
    QCOMPARE(count("  #  include <ATen/core/Tensor.h>\n", false, false), 1u);
    QCOMPARE(count("#include <torch/types.h>\n", true, false), 0u);
    QCOMPARE(count("#include <QtCore/QString>\n#include <QString>\n", false, false), 2u);
    QCOMPARE(count("#include <QString>\n", false, true), 0u);
    QCOMPARE(count("#include <duckdb.h>\n", false, false), 1u);
    QCOMPARE(count("#include \"../base/error.h\"\n#include \"error.h\"\n", false, false), 2u);
    QCOMPARE(name_problems("class RunManager {\nstruct Util {\n// class Helper {\nclass Contextual {\n").size(), 2u);
    QVERIFY(is_banned_file("string_utils") && is_banned_file("context") && !is_banned_file("contextual"));
  }
};

QTEST_GUILESS_MAIN(LayersTest)
#include "layers_test.moc"
