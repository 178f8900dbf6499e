// Opening and saving tokenizers, the roles of their tokens, added tokens, and files that are broken.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "support/testing.h"
#include "text/json_scores.h"
#include "text/tokenizer.h"

using namespace luthier;

namespace {

const char* const small = R"({
  "version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [{"id": 0, "content": "[PAD]", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false},
                   {"id": 1, "content": "[UNK]", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false},
                   {"id": 2, "content": "[CLS]", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false},
                   {"id": 3, "content": "[SEP]", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false}],
  "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
    "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
             {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
  "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "play": 4, "##ing": 5, "the": 6, "guitar": 7}}})";

const char* const small_bpe = R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";

/// Every kind of component that `small` has not.
const char* const rich = R"({
  "added_tokens": [{"id": 9, "content": "<x>", "single_word": true, "lstrip": true, "rstrip": true, "normalized": true, "special": false}],
  "truncation": {"direction": "Left", "max_length": 6, "strategy": "OnlyFirst", "stride": 0},
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Nmt"},
    {"type": "Prepend", "prepend": "_"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Strip", "strip_left": true, "strip_right": false}]},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}|\\w+|[^\\s]"}, "behavior": "MergedWithNext", "invert": false},
    {"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Contiguous"}, {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first"},
    {"type": "CharDelimiterSplit", "delimiter": "q"}, {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]},
  "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
    {"type": "RobertaProcessing", "sep": ["b", 1], "cls": ["a", 0], "trim_offsets": true, "add_prefix_space": true}]},
  "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Metaspace", "replacement": "_"},
    {"type": "CTC"}, {"type": "BPEDecoder", "suffix": "b"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 1}, {"type": "ByteLevel"}]},
  "model": {"type": "BPE", "unk_token": "?", "fuse_unk": true, "byte_fallback": true, "ignore_merges": true, "continuing_subword_prefix": "", "end_of_word_suffix": "",
            "vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "<0x41>": 4, "t": 5, "h": 6, "th": 7, "_": 8}, "merges": ["a b", ["t", "h"]]}})";

const char* const lower_config = R"({"do_lower_case": true, "pad_token": "hello"})";

/// `text` with the first `what` replaced.
std::string changed(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) qFatal("the test's own text lacks %s", what.c_str());
  return text.replace(at, what.size(), by);
}

struct BrokenFile {
  const char* name;
  std::string json;
  const char* part;  ///< of the error
};

std::vector<BrokenFile> broken_files() {
  std::vector<BrokenFile> files;
  const auto row = [&](const char* name, std::string json, const char* part) {
    files.push_back({name, std::move(json), part});
  };
  row("empty", "", "bad.json");
  row("not an object", "[1, 2]", "bad.json");
  row("no model", "{}", "\"model\" is missing");
  row("cut off", std::string(small).substr(0, 900), "bad.json");
  row("vocabulary is a list",
      changed(small,
              R"({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "play": 4, "##ing": 5, "the": 6, "guitar": 7})",
              "[]"),
      "model.vocab");
  row("negative id", changed(small, R"("the": 6)", R"("the": -6)"), "model.vocab");
  row("huge id", changed(small, R"("the": 6)", R"("the": 4000000000)"), "model.vocab");
  row("id beyond 64 bits", changed(small, R"("the": 6)", R"("the": 18446744073709551615)"), "model.vocab");
  row("id is a text", changed(small, R"("the": 6)", R"("the": "6")"), "model.vocab");
  row("id is a fraction", changed(small, R"("the": 6)", R"("the": 6.5)"), "model.vocab");
  row("id twice", changed(small, R"("the": 6)", R"("the": 5)"), "given to two tokens");
  row("unknown token missing", changed(small, R"("unk_token": "[UNK]")", R"("unk_token": "<none>")"),
      "not in the vocabulary");
  row("type is a number", changed(small, R"("type": "BertPreTokenizer")", R"("type": 5)"), "pre_tokenizer.type");
  row("added id twice", changed(small, R"({"id": 1, "content": "[UNK]")", R"({"id": 0, "content": "[UNK]")"),
      "added_tokens[1]");
  row("added id not the vocabulary's",
      changed(small, R"({"id": 1, "content": "[UNK]")", R"({"id": 5, "content": "[UNK]")"), "in the vocabulary");
  row("added id huge", changed(small, R"({"id": 1, "content": "[UNK]")", R"({"id": 99999999999, "content": "[UNK]")"),
      "added_tokens[1].id");
  row("added content missing", changed(small, R"("content": "[UNK]",)", ""), "added_tokens[1]");
  row("special id out of range", changed(small, R"("ids": [2])", R"("ids": [2000])"), "post_processor.special_tokens");
  row("template without its token", changed(small, R"("special_tokens": {"[CLS]")", R"("special_tokens": {"[XXX]")"),
      "post_processor.single[0]");
  row("template with a second text alone",
      changed(small, R"({"id": "A", "type_id": 0})", R"({"id": "B", "type_id": 0})"), "post_processor.single[1]");
  row("unknown model", R"({"model": {"type": "Bigram", "vocab": {"a": 0}}})", "Bigram");
  row("unknown normalizer", changed(small, "BertNormalizer", "NFX"), "NFX");
  row("unknown pre-tokenizer", changed(small, "BertPreTokenizer", "Syllables"), "Syllables");
  row("scores without a list", R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": {"a": 0}}})", "model.vocab");
  row("no scores", R"({"model": {"type": "Unigram", "vocab": []}})", "model.vocab");
  row("score is a text", R"({"model": {"unk_id": 0, "vocab": [["a", 0.0], ["b", "0"]]}})", "model.vocab[1]");
  row("unknown token beyond the vocabulary", R"({"model": {"unk_id": 1, "vocab": [["a", 0.0]]}})", "model.unk_id");
  row("character map not in base64",
      changed(small_bpe, "{\"model\"",
              R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "A*"}, "model")"),
      "base64");
  row("character map cut off",
      changed(small_bpe, "{\"model\"",
              R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "ALQCAACEAAAAAACA"}, "model")"),
      "announces");
  row("other version", changed(small, "\"1.0\"", "\"2.0\""), "version");
  row("merge of one token", changed(small_bpe, "\"a b\"", "\"ab\""), "model.merges[0]");
  row("merge of three", changed(small_bpe, "\"a b\"", "[\"a\", \"b\", \"a\"]"), "model.merges[0]");
  row("merge of a missing token", changed(small_bpe, "\"a b\"", "\"a c\""), "\"c\" is not in the vocabulary");
  row("merge into a missing token", changed(small_bpe, "\"a b\"", "\"b a\""), "\"ba\" is not in the vocabulary");
  row("merges are a number", changed(small_bpe, "[\"a b\"]", "7"), "model.merges");
  row("regular expression",
      changed(small_bpe, "{\"model\"",
              R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated"}, "model")"),
      "does not compile");
  row("split behaviour",
      changed(small_bpe, "{\"model\"",
              R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Never"}, "model")"),
      "pre_tokenizer.behavior");
  row("truncation",
      changed(small, "\"truncation\": null",
              R"("truncation": {"max_length": -4, "strategy": "LongestFirst", "stride": 0})"),
      "truncation.max_length");
  row("deep nesting", changed(small_bpe, "{\"model\"", "{\"normalizer\": " + std::string(100000, '[') + ", \"model\""),
      "bad.json");
  return files;
}

}  // namespace

class TokenizerFilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// "sIII" is "s", "I", "II" or "s", "II", "I", equally good but for rounding; what tokenizers 0.23.1 says.
  void equallyGoodCutsAreToldApartAsTheLibraryDoes() {
    QCOMPARE(text::read_by_tokenizers(-3.9728846919964322), -3.972884691996432);
    QCOMPARE(text::read_by_tokenizers(-10.352457813167263), -10.352457813167264);
    for (const double same : {0.0, -0.5, 1e-7, -12.345678901234567, 1e300, 5e-324})
      QCOMPARE(text::read_by_tokenizers(same), same);
    const struct {
      double s, one, two;
      std::vector<std::int64_t> ids;
    } cases[] = {{-7.13771663187637, -11.524673882682695, -7.777948078012031, {1, 3, 2}},
                 {-10.716215074235551, -10.996782696347811, -2.1809298364047174, {1, 2, 3}},
                 {-3.7815486564432357, -6.326380009762369, -3.5789694375216055, {1, 2, 3}},
                 {-7.604074344879891, -11.069395045058483, -11.177065838382223, {1, 2, 3}},
                 {-11.81221058148159, -10.079437334476703, -8.284485019821407, {1, 2, 3}},
                 {-4.675262446471117, -11.128628900924319, -11.594388378770715, {1, 3, 2}}};
    for (const auto& one : cases) {
      Json vocabulary = Json::array();
      for (const auto& [token, score] :
           {std::pair{"<unk>", 0.0}, std::pair{"s", one.s}, std::pair{"I", one.one}, std::pair{"II", one.two}})
        vocabulary.push_back(Json::array({token, score}));
      const Json json = {{"model", {{"type", "Unigram"}, {"unk_id", 0}, {"vocab", vocabulary}}}};
      QCOMPARE(Tokenizer::from_json(json.dump(), "ties").encode("sIII", true, -1).ids, one.ids);
    }
  }

  void savesWhatTransformersOpens() {
    if (!testing::has_python("transformers")) QSKIP("needs Python's transformers");
    const TemporaryFolder folder;
    Tokenizer tokenizer = Tokenizer::from_json(small, "small");
    QCOMPARE(tokenizer.add_tokens({"<new>", "guitar", "<new>"}), 1);
    QCOMPARE(tokenizer.add_tokens({"<end>"}, true), 1);
    tokenizer.save(folder.path());
    const std::string text = "Playing <new> the guitar<end> xyz";
    const auto output = testing::run_program(
        {"python3", "-c",
         "import sys, json; from transformers import AutoTokenizer; t = AutoTokenizer.from_pretrained(sys.argv[1]);"
         "print(json.dumps([t(sys.argv[2])['input_ids'], t.pad_token, t.unk_token, t.cls_token, len(t)]))",
         folder.path().string(), text});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    const Json got = Json::parse(output.out);
    const Encoding mine = tokenizer.encode(text);
    QCOMPARE(mine.ids, (std::vector<std::int64_t>{2, 4, 5, 8, 6, 7, 9, 1, 3}));
    QCOMPARE(got[0], Json(mine.ids));
    QCOMPARE(got[1], Json("[PAD]"));
    QCOMPARE(got[2], Json("[UNK]"));
    QCOMPARE(got[3], Json("[CLS]"));
    QCOMPARE(got[4], Json(tokenizer.vocabulary_size()));
    const Tokenizer again = Tokenizer::open(folder.path());
    QCOMPARE(again.encode(text).ids, mine.ids);
    QCOMPARE(again.fingerprint(), tokenizer.fingerprint());
    QVERIFY(again.is_special(9) && !again.is_special(8));
  }

  void opensAVocabularyAloneAndSavesATokenizer() {
    const TemporaryFolder folder;
    testing::write_text(folder.path() / "in/vocab.txt", "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\n[MASK]\nhello\nHello\n##s\n");
    const auto ids = [&](const Tokenizer& tokenizer) { return tokenizer.encode("Hellos hello").ids; };
    const Tokenizer cased = Tokenizer::open(folder.path() / "in");  // "Hello" in the vocabulary: case counts
    QCOMPARE(ids(cased), (std::vector<std::int64_t>{2, 6, 7, 5, 3}));
    testing::write_text(folder.path() / "in/tokenizer_config.json", lower_config);
    const Tokenizer lower = Tokenizer::open(folder.path() / "in/vocab.txt");
    QCOMPARE(ids(lower), (std::vector<std::int64_t>{2, 5, 7, 5, 3}));
    QCOMPARE(lower.pad_id(), std::optional<std::int64_t>(5));
    QCOMPARE(lower.mask_id(), std::optional<std::int64_t>(4));
    QVERIFY(lower.fingerprint() != cased.fingerprint());
    lower.save(folder.path() / "out");
    const Tokenizer again = Tokenizer::open(folder.path() / "out");
    QVERIFY(fs::exists(folder.path() / "out/tokenizer.json") && fs::exists(folder.path() / "out/vocab.txt"));
    QCOMPARE(ids(again), ids(lower));
    QCOMPARE(again.fingerprint(), lower.fingerprint());
  }

  void knowsTheRolesOfTokens() {
    const Tokenizer bert = Tokenizer::from_json(small, "small");
    QCOMPARE(bert.pad_id(), std::optional<std::int64_t>(0));
    QCOMPARE(bert.unknown_id(), std::optional<std::int64_t>(1));
    QCOMPARE(bert.cls_id(), std::optional<std::int64_t>(2));
    QCOMPARE(bert.sep_id(), std::optional<std::int64_t>(3));
    QVERIFY(!bert.bos_id() && !bert.eos_id() && !bert.mask_id());
    QCOMPARE(bert.token_of(5), std::string("##ing"));
    QCOMPARE(bert.token_of(99), std::string());
    QCOMPARE(bert.token_of(-1), std::string());
    QCOMPARE(bert.id_of("the"), std::optional<std::int64_t>(6));
    QVERIFY(!bert.id_of("nothing"));
    QCOMPARE(bert.vocabulary_size(), 8);

    LUTHIER_NEEDS(folder, "weights/tokenizers");
    const Tokenizer llama = Tokenizer::open(folder / "phi-3-mini");
    QVERIFY(llama.eos_id() && llama.pad_id() && llama.bos_id() && !llama.chat_template().empty());
    const Tokenizer roberta = Tokenizer::open(folder / "roberta-base");
    QCOMPARE(roberta.pad_id(), std::optional<std::int64_t>(1));
    QCOMPARE(roberta.cls_id(), std::optional<std::int64_t>(0));
    QCOMPARE(roberta.sep_id(), std::optional<std::int64_t>(2));
    QCOMPARE(roberta.mask_id(), std::optional<std::int64_t>(50264));
    const Tokenizer gpt2 = Tokenizer::open(folder / "gpt2");
    QCOMPARE(gpt2.eos_id(), std::optional<std::int64_t>(50256));
    QVERIFY(!gpt2.pad_id());
  }

  void saysWhereAFileIsBroken_data() {
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("part");
    for (const BrokenFile& file : broken_files())
      QTest::newRow(file.name) << QByteArray::fromStdString(file.json) << QByteArray(file.part);
  }
  void saysWhereAFileIsBroken() {
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, part);
    LUTHIER_FAILS(Tokenizer::from_json(json.toStdString(), "bad.json"), part.toStdString());
  }

  void saysWhatIsMissing() {
    const TemporaryFolder folder;
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "no tokenizer.json");
    LUTHIER_FAILS(Tokenizer::open(folder.path() / "none/tokenizer.json"), "no tokenizer.json");
    testing::write_text(folder.path() / "vocab.txt", "a\nb\n");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "[UNK]");
    testing::write_text(folder.path() / "vocab.txt", "[UNK]\n[CLS]\n[SEP]\n\xFF\xFE\n");
    LUTHIER_FAILS(Tokenizer::open(folder.path()), "vocab.txt:4");
    LUTHIER_NEEDS(shared, "weights/tokenizers/llama2/tokenizer.json");
    LUTHIER_FAILS(Tokenizer::open(shared), "model.merges[18917]");  // this copy has lost its no-break spaces
  }

  void survivesFilesWithAnyByteChanged() {
    // A bit of fuzzing: an error or a working tokenizer, never a crash.
    QVERIFY(Tokenizer::from_json(rich, "rich").encode("the ab 12", true, 0).ids.size() == 6);
    std::uint32_t state = 12345;
    for (int round = 0; round < 4000; ++round) {
      std::string json = round % 2 ? small : rich;
      for (int k = 0; k < 2; ++k) {
        state = state * 1664525 + 1013904223;
        json[(state >> 8) % json.size()] = static_cast<char>("{}[]\",:0129ae\xC3\xFF"[state % 15]);
      }
      try {
        const Tokenizer tokenizer = Tokenizer::from_json(json, "fuzz");
        tokenizer.decode(tokenizer.encode_pair("playing the guitar 123 abab q <x> \u00e9", "the \xFF", true, 5).ids);
        tokenizer.encode("thth ab", true, 0);
      } catch (const Error& error) {
        QVERIFY(error.kind == ErrorKind::bad_input || error.kind == ErrorKind::unsupported);
      }
    }
  }

  void givesUpOnPatternsThatBacktrackForEver() {
    const Tokenizer tokenizer = Tokenizer::from_json(
        changed(
            small_bpe, "{\"model\"",
            R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+)+c"}, "behavior": "Isolated"}, "model")"),
        "slow");
    QElapsedTimer timer;
    timer.start();
    LUTHIER_FAILS(tokenizer.encode(std::string(60, 'a') + "bc"), "gave up");
    QVERIFY2(timer.elapsed() < 10000, QByteArray::number(timer.elapsed()));
  }

  void takesTextsOfAnyKind() {
    const Tokenizer tokenizer = Tokenizer::from_json(small, "small");
    QCOMPARE(tokenizer.encode("").ids, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(tokenizer.encode("", false).ids.size(), std::size_t{0});
    QCOMPARE(tokenizer.encode_words({}).ids, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(tokenizer.encode("playing the guitar", true, 1).ids, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(tokenizer.decode({2, 4, 5, 3, -7, 1000000}), std::string("playing"));
    QCOMPARE(tokenizer.encode(std::string("\0the\0", 5), false).ids, (std::vector<std::int64_t>{6}));
  }
};

QTEST_GUILESS_MAIN(TokenizerFilesTest)
#include "tokenizer_files_test.moc"
