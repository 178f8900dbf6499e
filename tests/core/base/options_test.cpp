// Options structs: one declaration, and reading, writing, specs and help from it.
#include "base/options.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;

namespace {
struct Inner {
  double rate = 0.5;
  bool operator==(const Inner&) const = default;
  void describe(OptionVisitor& v) { v.number({.key = "rate", .label = "Rate", .min = 0, .max = 1}, rate); }
};

/// One field of every kind.
struct Everything {
  bool flag = false;
  std::int64_t count = 3;
  double share = 0.25;
  std::string name = "plain";
  std::string colour = "red";
  std::vector<std::string> words = {"a"};
  std::vector<std::pair<std::string, double>> weights;
  std::vector<std::pair<std::string, std::string>> roles;
  HowOften often = {2, "epoch"};
  std::vector<std::string> targets = {"all"};
  bool targets_is_list = false;
  Inner inner;
  std::optional<Inner> maybe;
  bool operator==(const Everything&) const = default;

  void describe(OptionVisitor& v) {
    v.boolean({.key = "flag", .label = "Flag"}, flag);
    v.integer({.key = "count", .label = "Count", .help = "How many.", .unit = "rows", .min = 1, .max = 10}, count);
    v.number({.key = "share", .label = "Share", .min = 0, .max = 1}, share);
    v.text({.key = "name", .label = "Name"}, name);
    v.choice({.key = "colour", .label = "Colour"}, {"red", "green"}, colour);
    v.texts({.key = "words", .label = "Words"}, words);
    v.numbers_by_name({.key = "weights", .label = "Weights"}, weights);
    v.texts_by_name({.key = "roles", .label = "Roles"}, roles);
    v.how_often({.key = "often", .label = "How often"}, often);
    v.text_or_list({.key = "targets", .label = "Targets"}, targets, targets_is_list);
    v.options({.key = "inner", .label = "Inner"}, inner);
    v.options({.key = "maybe", .label = "Maybe"}, maybe);
  }
};

struct Strict {
  std::string path;
  void describe(OptionVisitor& v) { v.text({.key = "path", .label = "Path", .required = true}, path); }
};

std::vector<Problem> problems_of(const Json& json, Everything* into = nullptr) {
  Everything value;
  std::vector<Problem> problems;
  read_options(json, "x", value, problems);
  if (into) *into = value;
  return problems;
}

std::string all_text(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.path + ": " + problem.message + " [" + problem.hint + "]\n";
  return text;
}
}  // namespace

class OptionsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyKindOfFieldRoundTrips() {
    Everything value;
    value.flag = true;
    value.count = 7;
    value.share = 0.1;
    value.name = "ümlaut \"quoted\"\n";
    value.colour = "green";
    value.words = {"x", "", "y"};
    value.weights = {{"a", 1.5}, {"b", -2}};
    value.roles = {{"label", "column1"}, {"text", "column0"}};
    value.often = {0.5, "minute"};
    value.targets = {"q", "v"};
    value.targets_is_list = true;
    value.inner.rate = 0.75;
    value.maybe = Inner{0.125};
    Everything read;
    const Json json = Json::parse(write_options(value).dump());
    const auto problems = problems_of(json, &read);
    QVERIFY2(problems.empty(), all_text(problems).c_str());
    QVERIFY(read == value);
  }

  void defaultsRoundTripWithAnAbsentGroup() {
    Everything read;
    read.maybe = Inner{};
    const Json json = write_options(Everything{});
    QVERIFY(json["maybe"].is_null());
    QCOMPARE(json["targets"], Json("all"));
    std::vector<Problem> problems;
    read_options(json, "", read, problems);
    QVERIFY(problems.empty());
    QVERIFY(read == Everything{});
  }

  void absentKeysKeepTheirDefaults() {
    Everything read;
    QVERIFY(problems_of(Json::object(), &read).empty());
    QVERIFY(read == Everything{});
  }

  void aListOfOneStaysAList() {
    Everything read;
    QVERIFY(problems_of({{"targets", {"q"}}}, &read).empty());
    QVERIFY(read.targets_is_list);
    QCOMPARE(write_options(read)["targets"], Json({"q"}));
  }

  void allProblemsAreToldAtOnceAndTheRestIsTakenOver() {
    Everything read;
    const auto problems = problems_of({{"flag", 1},
                                       {"count", 11},
                                       {"share", "half"},
                                       {"colour", "gren"},
                                       {"words", {"a", 2}},
                                       {"often", {{"value", 1}, {"unit", "day"}}},
                                       {"inner", {{"rate", 2}}},
                                       {"nmae", "x"},
                                       {"name", "right"}},
                                      &read);
    const std::string text = all_text(problems);
    for (const char* path :
         {"x.flag", "x.count", "x.share", "x.colour", "x.words", "x.often", "x.inner.rate", "x.nmae"})
      QVERIFY2(text.find(path) != std::string::npos, (std::string(path) + " is missing in\n" + text).c_str());
    QVERIFY2(text.find("name") != std::string::npos && text.find("green") != std::string::npos, text.c_str());
    QCOMPARE(read.name, std::string("right"));
    QCOMPARE(read.count, std::int64_t(3));
  }

  void wrongTypesAreProblemsForEveryKind() {
    const Json good = write_options(Everything{});
    for (const auto& [key, value] : good.items()) {
      // No kind of field takes a list of lists.
      const auto problems = problems_of({{key, Json::array({Json::array()})}});
      QVERIFY2(!problems.empty(), key.c_str());
      QVERIFY2(problems.front().path.rfind("x." + key, 0) == 0, problems.front().path.c_str());
    }
  }

  void hostileNumbersAreProblems() {
    for (const char* text : {"1e300", "-1", "2.5", "18446744073709551615", "true", "null"})
      QVERIFY2(!problems_of({{"count", Json::parse(text)}}).empty(), text);
    QVERIFY(!problems_of({{"share", Json(std::numeric_limits<double>::quiet_NaN())}}).empty());
  }

  void aDocumentThatIsNoObjectIsAProblem() {
    for (const char* text : {"[]", "3", "\"x\"", "null"}) QVERIFY2(!problems_of(Json::parse(text)).empty(), text);
  }

  void aMissingRequiredKeyIsAProblem() {
    Strict strict;
    std::vector<Problem> problems;
    read_options(Json::object(), "model", strict, problems);
    QCOMPARE(problems.size(), 1u);
    QCOMPARE(problems[0].path, std::string("model.path"));
  }

  void otherKeysAreAllowedWhenNamed() {
    Everything value;
    std::vector<Problem> problems;
    read_options({{"kind", "lora"}}, "method", value, problems, {"kind"});
    QVERIFY(problems.empty());
  }

  void failWithListsThemAll() {
    LUTHIER_FAILS(fail_with({{"a.b", "is wrong", "do x"}, {"c", "is bad", ""}}, "the recipe is wrong", "r.json"),
                  "a.b");
    LUTHIER_FAILS(fail_with({{"a.b", "is wrong", "do x"}, {"c", "is bad", ""}}, "the recipe is wrong", "r.json"),
                  "is bad");
  }

  void theClosestKeyIsOfferedOnlyForSlips() {
    QCOMPARE(closest("learning_rat", {"batch_size", "learning_rate"}), std::string("learning_rate"));
    QCOMPARE(closest("xyzzy", {"batch_size", "learning_rate"}), std::string());
    QCOMPARE(closest("", {}), std::string());
  }

  void specsSayEverythingInOrder() {
    const auto specs = option_specs<Everything>();
    QCOMPARE(specs.size(), 12u);
    QCOMPARE(specs[1].info.key, std::string("count"));
    QCOMPARE(specs[1].type, std::string("integer"));
    QCOMPARE(specs[1].default_json, std::string("3"));
    QCOMPARE(specs[4].choices, (std::vector<std::string>{"red", "green"}));
    QCOMPARE(specs[10].children.size(), 1u);
    const Json json = specs_to_json(specs);
    QCOMPARE(json.size(), 12u);
    QCOMPARE(json[1]["key"], Json("count"));
    QCOMPARE(json[1]["max"], Json(10));
  }

  void helpFitsItsWidth() {
    const std::string help = specs_to_help(option_specs<Everything>(), 2, 60);
    QVERIFY(help.find("count") != std::string::npos && help.find("How many.") != std::string::npos);
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) QVERIFY2(line.size() <= 60, line.c_str());
  }
};

QTEST_GUILESS_MAIN(OptionsTest)
#include "options_test.moc"
