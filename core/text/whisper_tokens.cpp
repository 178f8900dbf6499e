#include "text/whisper_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"

namespace luthier {

namespace {

// ISO 639 codes by English name, for those whose code is not what people type.
constexpr std::array<std::pair<std::string_view, std::string_view>, 99> names{
    {{"english", "en"},        {"chinese", "zh"},       {"german", "de"},    {"spanish", "es"},    {"russian", "ru"},
     {"korean", "ko"},         {"french", "fr"},        {"japanese", "ja"},  {"portuguese", "pt"}, {"turkish", "tr"},
     {"polish", "pl"},         {"catalan", "ca"},       {"dutch", "nl"},     {"arabic", "ar"},     {"swedish", "sv"},
     {"italian", "it"},        {"indonesian", "id"},    {"hindi", "hi"},     {"finnish", "fi"},    {"vietnamese", "vi"},
     {"hebrew", "he"},         {"ukrainian", "uk"},     {"greek", "el"},     {"malay", "ms"},      {"czech", "cs"},
     {"romanian", "ro"},       {"danish", "da"},        {"hungarian", "hu"}, {"tamil", "ta"},      {"norwegian", "no"},
     {"thai", "th"},           {"urdu", "ur"},          {"croatian", "hr"},  {"bulgarian", "bg"},  {"lithuanian", "lt"},
     {"latin", "la"},          {"maori", "mi"},         {"malayalam", "ml"}, {"welsh", "cy"},      {"slovak", "sk"},
     {"telugu", "te"},         {"persian", "fa"},       {"latvian", "lv"},   {"bengali", "bn"},    {"serbian", "sr"},
     {"azerbaijani", "az"},    {"slovenian", "sl"},     {"kannada", "kn"},   {"estonian", "et"},   {"macedonian", "mk"},
     {"breton", "br"},         {"basque", "eu"},        {"icelandic", "is"}, {"armenian", "hy"},   {"nepali", "ne"},
     {"mongolian", "mn"},      {"bosnian", "bs"},       {"kazakh", "kk"},    {"albanian", "sq"},   {"swahili", "sw"},
     {"galician", "gl"},       {"marathi", "mr"},       {"punjabi", "pa"},   {"sinhala", "si"},    {"khmer", "km"},
     {"shona", "sn"},          {"yoruba", "yo"},        {"somali", "so"},    {"afrikaans", "af"},  {"occitan", "oc"},
     {"georgian", "ka"},       {"belarusian", "be"},    {"tajik", "tg"},     {"sindhi", "sd"},     {"gujarati", "gu"},
     {"amharic", "am"},        {"yiddish", "yi"},       {"lao", "lo"},       {"uzbek", "uz"},      {"faroese", "fo"},
     {"haitian creole", "ht"}, {"pashto", "ps"},        {"turkmen", "tk"},   {"nynorsk", "nn"},    {"maltese", "mt"},
     {"sanskrit", "sa"},       {"luxembourgish", "lb"}, {"myanmar", "my"},   {"tibetan", "bo"},    {"tagalog", "tl"},
     {"malagasy", "mg"},       {"assamese", "as"},      {"tatar", "tt"},     {"hawaiian", "haw"},  {"lingala", "ln"},
     {"hausa", "ha"},          {"bashkir", "ba"},       {"javanese", "jw"},  {"sundanese", "su"}}};

std::string marked(std::string_view name) { return "<|" + std::string(name) + "|>"; }

std::int64_t needed(const Tokenizer& tokenizer, std::string_view name) {
  const auto id = tokenizer.id_of(marked(name));
  if (!id)
    fail(ErrorKind::unsupported, "the tokenizer has no token " + marked(name), "tokenizer",
         "use the tokenizer of a Whisper model");
  return *id;
}

}  // namespace

std::vector<std::int64_t> whisper_prompt(const Tokenizer& tokenizer, const WhisperTask& task) {
  std::vector<std::int64_t> ids{needed(tokenizer, "startoftranscript")};
  if (!task.language.empty()) {
    std::string code = task.language;
    std::transform(code.begin(), code.end(), code.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto named = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == code; });
    if (named != names.end()) code = named->second;
    const auto id = tokenizer.id_of(marked(code));
    if (!id || code.size() > 3)
      fail(ErrorKind::bad_input, "the model does not know the language \"" + task.language + "\"", "language",
           "give a code such as en, de or fr");
    ids.push_back(*id);
    ids.push_back(needed(tokenizer, task.translate ? "translate" : "transcribe"));
  }
  if (!task.timestamps) ids.push_back(needed(tokenizer, "notimestamps"));
  return ids;
}

std::vector<std::string> whisper_languages(const Tokenizer& tokenizer) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto& [name, code] : names)
    if (const auto id = tokenizer.id_of(marked(code))) found.emplace_back(*id, code);
  std::sort(found.begin(), found.end());
  std::vector<std::string> codes;
  for (auto& [id, code] : found) codes.push_back(std::move(code));
  return codes;
}

double whisper_seconds(const Tokenizer& tokenizer, std::int64_t id) {
  const std::string token = tokenizer.token_of(id);
  if (!token.starts_with("<|") || !token.ends_with("|>") || token.size() < 5 || token[2] < '0' || token[2] > '9')
    return -1;
  double seconds = -1;
  const char *begin = token.data() + 2, *end = token.data() + token.size() - 2;
  return std::from_chars(begin, end, seconds, std::chars_format::fixed).ptr == end ? seconds : -1;
}

std::string whisper_text(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids) {
  std::vector<std::int64_t> kept;
  for (const std::int64_t id : ids)
    if (whisper_seconds(tokenizer, id) < 0) kept.push_back(id);
  return tokenizer.decode(kept, true);
}

}  // namespace luthier
