// Damaged and hostile files: every one must be refused by name, none may read outside its bytes.
#include <cstring>

#include "base/error.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {

std::string file_of(const std::string& header, const std::string& data, std::uint64_t claimed) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &claimed, 8);
  return bytes + header + data;
}

std::string file_of(const std::string& header, const std::string& data) { return file_of(header, data, header.size()); }

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

const std::string kEight(8, 'x');

}  // namespace

class HostileTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  fs::path put(const std::string& bytes, const std::string& name = "model.safetensors") {
    write_text(folder_.path() / name, bytes);
    return folder_.path() / name;
  }

 private Q_SLOTS:
  void refusesDamagedHeaders_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const std::string& bytes, const char* reason) {
      QTest::newRow(name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())) << QString(reason);
    };
    const std::string good = entry("a", "F32", "[2]", "[0,8]");
    row("empty", "", "empty (0 bytes)");
    row("seven bytes", "1234567", "too short");
    row("header longer than allowed", file_of("{}", "", 100'000'001), "at most 100 MB");
    row("header of 2^64-1 bytes", file_of("{}", "", ~0ull), "at most 100 MB");
    row("header longer than the file", file_of("{}", "", 3), "cut off inside its header");
    row("empty header", file_of("", ""), "does not begin with");
    row("header is a list", file_of("[]", ""), "does not begin with");
    row("unfinished JSON", file_of("{\"a\":", ""), "not valid JSON");
    row("text after the object", file_of("{}{}", ""), "not valid JSON");
    row("invalid UTF-8", file_of("{\"\xff\":1}", ""), "not valid JSON");
    row("deep nesting", file_of("{\"a\":" + std::string(100000, '{'), ""), "not valid JSON");
    row("deep lists", file_of("{\"a\":{\"shape\":" + std::string(100000, '['), ""), "a list stands where");
    row("entry is a number", file_of("{\"a\":7}", ""), "a number stands where");
    row("entry in an entry", file_of("{\"a\":{\"shape\":{}}}", ""), "a nested object stands where");
    row("name twice", file_of("{" + good + "," + entry("a", "F32", "[0]", "[8,8]") + "}", kEight),
        "stands in the header twice");
    row("metadata twice", file_of("{\"__metadata__\":{},\"__metadata__\":{}}", ""), "stands in the header twice");
    row("no name", file_of("{" + entry("", "F32", "[2]", "[0,8]") + "}", kEight), "has no name");
    row("field twice",
        file_of("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", kEight),
        "\"dtype\" stands in its entry twice");
    row("unknown field", file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"offsets\":[0,8]}}", kEight),
        "unknown field \"offsets\"");
    row("no shape", file_of("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", kEight), "has no \"shape\"");
    row("one offset", file_of("{" + entry("a", "F32", "[2]", "[0]") + "}", kEight), "must be two numbers");
    row("three offsets", file_of("{" + entry("a", "F32", "[2]", "[0,8,8]") + "}", kEight), "must be two numbers");
    row("negative offset", file_of("{" + entry("a", "F32", "[2]", "[-1,7]") + "}", kEight), "is negative");
    row("negative dimension", file_of("{" + entry("a", "F32", "[-2]", "[0,8]") + "}", kEight), "is negative");
    row("fractional dimension", file_of("{" + entry("a", "F32", "[2.0]", "[0,8]") + "}", kEight),
        "a fraction stands where");
    row("dimension of 2^63", file_of("{" + entry("a", "F32", "[9223372036854775808]", "[0,8]") + "}", kEight),
        "too large");
    row("number beyond 64 bits", file_of("{" + entry("a", "F32", "[2]", "[0,99999999999999999999]") + "}", kEight),
        "a fraction stands where");
    row("65 dimensions",
        file_of("{" +
                    entry(
                        "a", "F32",
                        "[2" +
                            [] {
                              std::string ones;
                              for (int i = 0; i < 64; ++i) ones += ",1";
                              return ones;
                            }() +
                            "]",
                        "[0,8]") +
                    "}",
                kEight),
        "more than 64 dimensions");
    row("unknown type", file_of("{" + entry("a", "F8_E4M3", "[8]", "[0,8]") + "}", kEight), "of type \"F8_E4M3\"");
    row("type is a number", file_of("{\"a\":{\"dtype\":1}}", ""), "a number stands where");
    row("product overflows to the byte count",
        file_of("{" + entry("a", "F32", "[4611686018427387904,4]", "[0,0]") + "}", ""), "impossible shape");
    row("overflow hidden by a zero", file_of("{" + entry("a", "F32", "[4611686018427387904,4,0]", "[0,0]") + "}", ""),
        "impossible shape");
    row("too few bytes", file_of("{" + entry("a", "F32", "[3]", "[0,8]") + "}", kEight), "needs 12 bytes, but has 8");
    row("too many bytes", file_of("{" + entry("a", "F16", "[2]", "[0,8]") + "}", kEight), "needs 4 bytes, but has 8");
    row("ends before it begins", file_of("{" + entry("a", "F32", "[2]", "[8,0]") + "}", kEight),
        "ends before it begins");
    row("data cut off", file_of("{" + good + "}", "xxxxxxx"), "it is cut off");
    row("end of 2^64-1",
        file_of("{" + entry("a", "F32", "[2]", "[18446744073709551607,18446744073709551615]") + "}", kEight),
        "it is cut off");
    row("overlap", file_of("{" + good + "," + entry("b", "F32", "[2]", "[4,12]") + "}", kEight + "xxxx"),
        "overlaps tensor \"a\"");
    row("same bytes for two", file_of("{" + good + "," + entry("b", "F32", "[2]", "[0,8]") + "}", kEight),
        "overlaps tensor");
    row("gap", file_of("{" + good + "," + entry("b", "F32", "[1]", "[12,16]") + "}", kEight + kEight),
        "a gap of 4 bytes before tensor \"b\"");
    row("gap at the start", file_of("{" + entry("a", "F32", "[1]", "[4,8]") + "}", kEight), "a gap of 4 bytes");
    row("bytes left over", file_of("{" + good + "}", kEight + "!"), "1 bytes after the last tensor");
    row("metadata that is no text", file_of("{\"__metadata__\":{\"n\":1}}", ""), "a number stands where");
    row("zip archive", "PK\x03\x04 and more", "zip archive is damaged");
    row("pickle", "\x80\x02}q.....", "not written by torch.save");
    row("GGUF", "GGUF\x03\x01\x01\x01\x01", "GGUF");
    row("Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS");
  }
  void refusesDamagedHeaders() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, reason);
    const fs::path path = put(bytes.toStdString());
    LUTHIER_FAILS(Weights::open(path), reason.toStdString());
    LUTHIER_FAILS(Weights::open(path), path.string());  // says which file
  }

  void survivesEveryTruncationAndEveryFlippedByte() {
    const std::string good = file_of(
        "{" + entry("a", "F32", "[1,2]", "[0,8]") + "," + entry("b", "I64", "[1]", "[8,16]") + "}", kEight + kEight);
    std::int64_t refused = 0;
    for (std::size_t size = 0; size < good.size(); ++size)
      LUTHIER_FAILS(Weights::open(put(good.substr(0, size))), "model.safetensors");
    for (std::size_t at = 0; at < good.size() - 16; ++at)
      for (const int bit : {0, 3, 7}) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
        try {
          const Weights weights = Weights::open(put(bad));
          for (const TensorEntry& tensor : weights.tensors())
            QCOMPARE(tensor.bytes.size(), static_cast<std::size_t>(tensor.elements()) * size_of(tensor.type));
        } catch (const Error&) {
          ++refused;
        }
      }
    QVERIFY(refused > 100);
  }

  void namesAnEmptyPartOfAModel() {
    const TemporaryFolder model;
    write_safetensors(model.path() / "1.safetensors", {});
    write_text(model.path() / "2.safetensors", "");
    write_text(model.path() / "model.safetensors.index.json",
               R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}})");
    LUTHIER_FAILS(Weights::open(model.path()), "2.safetensors");
    LUTHIER_FAILS(Weights::open(model.path()), "empty (0 bytes)");
  }

  void refusesAFolderWithoutWeights() {
    const TemporaryFolder model;
    LUTHIER_FAILS(Weights::open(model.path()), "no weights in this folder");
    LUTHIER_FAILS(Weights::open(model.path() / "gone.safetensors"), "no such file");
  }
};

QTEST_GUILESS_MAIN(HostileTest)
#include "hostile_test.moc"
