// Every code point, one by one, as the tokenizers library treats it (tests/reference/text_unicode.py asks it).
#include "text/unicode.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "support/testing.h"
#include "text/normalizers.h"
#include "text/regex.h"

using namespace luthier;
using namespace luthier::text;

namespace {

constexpr char32_t beyond = 0x110000;

bool is_scalar(char32_t c) { return c < 0xD800 || c > 0xDFFF; }

/// Code points of Unicode 17 (2025), which the library's regular expression engines do not know yet.
bool is_newer_than_the_engines(char32_t c) {
  static constexpr std::pair<char32_t, char32_t> ranges[] = {
      {0x88F, 0x88F},     {0xC5C, 0xC5C},     {0xCDC, 0xCDC},     {0x1ACF, 0x1AEB},   {0xA7CE, 0xA7D4},
      {0xA7F1, 0xA7F1},   {0x10940, 0x10959}, {0x10EC5, 0x10EC7}, {0x10EFA, 0x10EFB}, {0x11B60, 0x11B67},
      {0x11DB0, 0x11DE9}, {0x16EA0, 0x16ED3}, {0x16FF2, 0x16FF6}, {0x187F8, 0x187FF}, {0x18D09, 0x18D1E},
      {0x18D80, 0x18DF2}, {0x1E6C0, 0x1E6FF}, {0x2B73A, 0x2B73F}, {0x2CEA2, 0x2CEAD}, {0x323B0, 0x33479}};
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const auto& r) { return c >= r.first && c <= r.second; });
}

std::vector<bool> members(const Json& ranges) {
  std::vector<bool> result(beyond);
  for (const Json& range : ranges)
    for (auto c = range[0].get<std::size_t>(); c <= range[1].get<std::size_t>(); ++c) result[c] = true;
  return result;
}

std::string hexadecimal(char32_t c) { return QString::number(static_cast<uint>(c), 16).toStdString(); }

}  // namespace

class UnicodeTest : public QObject {
  Q_OBJECT

  Json wanted_;

  template <class Test>
  void compare(const char* key, Test test, bool skip_newer = false) {
    const auto wanted = members(wanted_[key]);
    std::string differ;
    for (char32_t c = 0; c < beyond; ++c)
      if (is_scalar(c) && !(skip_newer && is_newer_than_the_engines(c)) && test(c) != wanted[c] && differ.size() < 300)
        differ += " " + hexadecimal(c);
    QVERIFY2(differ.empty(), (key + differ).c_str());
  }

  template <class Change>
  void compare_changes(const char* key, Change change) {
    std::map<char32_t, std::u32string> wanted;
    for (const Json& entry : wanted_[key]) {
      std::u32string& form = wanted[entry[0].get<std::uint32_t>()];
      for (const Json& c : entry[1]) form += static_cast<char32_t>(c.get<std::uint32_t>());
    }
    std::string differ;
    for (char32_t c = 0; c < beyond; ++c) {
      if (!is_scalar(c)) continue;
      const auto found = wanted.find(c);
      AlignedText aligned(to_utf8(c));
      change(aligned);
      const bool same = to_utf32(aligned.text) == (found == wanted.end() ? std::u32string(1, c) : found->second);
      if (!same && differ.size() < 300) differ += " " + hexadecimal(c);
    }
    QVERIFY2(differ.empty(), (key + differ).c_str());
  }

  void compare_regex(const char* key, const std::string& pattern) {
    const Json nothing;
    const Regex regex(pattern, Place(nothing, "test"));
    std::vector<Stretch> stretches;
    compare(
        key,
        [&](char32_t c) {
          regex.stretches(to_utf8(c), stretches);
          return stretches[0].match;
        },
        true);
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!testing::has_python("tokenizers")) QSKIP("needs Python's tokenizers");
    const auto output =
        testing::run_program({"python3", (testing::source_folder() / "tests/reference/text_unicode.py").string()});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    wanted_ = Json::parse(output.out);
  }

  void knowsTheClassesOfTheLibrary() {
    compare("dropped",
            [](char32_t c) { return c == 0 || c == 0xFFFD || (c != 9 && c != 10 && c != 13 && is_control(c)); });
    compare("accents", is_nonspacing_mark);
    compare("marks", is_mark);
    compare("chinese", is_chinese);
    compare("punctuation", [](char32_t c) { return is_ascii_punctuation(c) || is_punctuation(c); });
    compare("space", is_white_space);
    compare("word", is_word_character, true);
    compare("number", is_number);
  }

  void knowsTheScriptsOfTheLibrary() {
    // All code points in order, and in an order that puts far ones side by side: a piece starts where the script
    // changes.
    std::vector<char32_t> all;
    for (char32_t c = 0; c < beyond; ++c)
      if (is_scalar(c)) all.push_back(c);
    Json starts = Json::array();
    for (const std::size_t order : {1, 7919}) {
      int last = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const int script = script_of(all[i * order % all.size()]);
        if (script == 0 || script == last) continue;
        starts.push_back(i);
        last = script;
      }
    }
    QVERIFY(starts == wanted_["script_starts"]);
  }

  void writesLongUpperCaseAsPythonDoes() {
    QVERIFY(wanted_["upper"].size() > 90);
    for (const Json& entry : wanted_["upper"]) {
      char32_t upper[3];
      const int count = upper_case(entry[0].get<char32_t>(), upper);
      QCOMPARE(Json(std::vector<std::uint32_t>(upper, upper + count)), entry[1]);
    }
  }

  void readsRegularExpressionsAsTheLibrary() {
    compare_regex("letter_regex", R"(\p{L})");
    compare_regex("number_regex", R"(\p{N})");
    compare_regex("space_regex", R"(\s)");
    compare_regex("word_regex", R"(\w)");
    compare("letter_regex", is_letter, true);
    compare("number_regex", is_number, true);
    compare("space_regex", is_white_space);
  }

  void changesCodePointsAsTheLibrary() {
    compare_changes("lower", [](AlignedText& aligned) { lower_case(aligned); });
    compare_changes("nfd", [](AlignedText& aligned) { normalize(aligned, NormalForm::nfd); });
    compare_changes("nfc", [](AlignedText& aligned) { normalize(aligned, NormalForm::nfc); });
    compare_changes("nfkd", [](AlignedText& aligned) { normalize(aligned, NormalForm::nfkd); });
    compare_changes("nfkc", [](AlignedText& aligned) { normalize(aligned, NormalForm::nfkc); });
  }

  void writesAndReadsEveryCodePoint() {
    for (char32_t c = 0; c < beyond; ++c) {
      if (!is_scalar(c)) continue;
      const std::string bytes = to_utf8(c);
      const char* at = bytes.data();
      QVERIFY(valid_utf8(bytes) && bytes.size() == sequence_length(bytes[0]) && next_code_point(at) == c);
    }
  }

  void tellsValidUtf8FromBrokenAsQtDoes() {
    // Every sequence of two bytes, and every sequence of a hard first byte with two more.
    for (const int first : {0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0x80, 0x41})
      for (int second = 0; second < 256; ++second)
        for (int third = 0; third < 256; third += 3) {
          const std::string bytes{static_cast<char>(first), static_cast<char>(second), static_cast<char>(third)};
          QCOMPARE(valid_utf8(bytes), QUtf8StringView(bytes.data(), 3).isValidUtf8());
          QVERIFY(valid_utf8(repaired_utf8(bytes)));
        }
  }
};

QTEST_GUILESS_MAIN(UnicodeTest)
#include "unicode_test.moc"
