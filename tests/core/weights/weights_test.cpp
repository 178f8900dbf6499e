#include <cstring>
#include <map>

#include "base/error.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using luthier::testing::write_text;

namespace {

template <class Number>
TensorEntry tensor(const std::string& name, DType type, std::vector<std::int64_t> shape,
                   const std::vector<Number>& values) {
  return {name, type, std::move(shape), std::as_bytes(std::span(values))};
}

std::vector<float> floats(const TensorEntry& entry) {
  std::vector<float> values(entry.bytes.size() / 4);
  if (!values.empty()) std::memcpy(values.data(), entry.bytes.data(), entry.bytes.size());
  return values;
}

const std::vector<float> kOne = {1.5f}, kTwo = {2.5f, -3}, kNone;
const std::vector<std::int64_t> kIds = {7, -1};
const std::vector<std::uint8_t> kBytes = {1, 2, 3};

}  // namespace

class WeightsTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

 private Q_SLOTS:
  void readsBackWhatItWrote() {
    const fs::path file = folder_.path() / "model.safetensors";
    write_safetensors(file,
                      {tensor("z\"\u00e4", DType::u8, {3}, kBytes), tensor("a.weight", DType::f32, {2, 1}, kTwo),
                       tensor("scalar", DType::f32, {}, kOne), tensor("none", DType::f32, {0, 4}, kNone),
                       tensor("ids", DType::i64, {2}, kIds)},
                      {{"made_by", "a test"}});
    const Weights weights = Weights::open(folder_.path());
    QCOMPARE(weights.tensors().size(), 5u);
    QCOMPARE(weights.tensors().front().name, std::string("a.weight"));
    QCOMPARE(weights.bytes(), 3u + 8 + 4 + 0 + 16);
    QCOMPARE(floats(*weights.find("a.weight")), kTwo);
    QCOMPARE(weights.find("a.weight")->shape, (std::vector<std::int64_t>{2, 1}));
    QCOMPARE(weights.find("scalar")->elements(), 1);
    QCOMPARE(weights.find("none")->bytes.size(), 0u);
    QCOMPARE(static_cast<int>(weights.find("z\"\u00e4")->bytes[2]), 3);
    QVERIFY(!weights.find("absent"));
    const std::map<std::string, std::string> metadata(weights.metadata().begin(), weights.metadata().end());
    QCOMPARE(metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"made_by", "a test"}}));
  }

  void alignsEveryTensorThatItReads() {
    // One byte first: the floats behind it begin at an odd offset, as the format allows.
    std::string header = R"({"flag":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},)"
                         R"("x":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    bytes += header + "\1" + std::string(reinterpret_cast<const char*>(kTwo.data()), 8);
    write_text(folder_.path() / "odd.safetensors", bytes);
    const Weights weights = Weights::open(folder_.path() / "odd.safetensors");
    QCOMPARE(floats(*weights.find("x")), kTwo);
    QCOMPARE(reinterpret_cast<std::uintptr_t>(weights.find("x")->bytes.data()) % 4, 0u);
  }

  void keepsTheBytesAliveWithoutTheTable() {
    const fs::path file = folder_.path() / "alive.safetensors";
    write_safetensors(file, {tensor("a", DType::f32, {2}, kTwo)});
    std::shared_ptr<const void> held;
    TensorEntry entry;
    {
      const Weights weights = Weights::open(file);
      held = weights.keep_alive();
      entry = *weights.find("a");
    }
    fs::remove(file);
    QCOMPARE(floats(entry), kTwo);
  }

  void writesFilesThatTheSafetensorsLibraryReads() {
    if (!luthier::testing::has_python("safetensors.numpy")) QSKIP("needs Python's safetensors");
    const fs::path file = folder_.path() / "python.safetensors";
    write_safetensors(file, {tensor("flag", DType::u8, {3}, kBytes), tensor("x", DType::f32, {1, 2}, kTwo),
                             tensor("ids", DType::i64, {2}, kIds)});
    const auto result = luthier::testing::run_program(
        {"python3", "-c",
         "import sys; from safetensors.numpy import load_file, save_file; t = load_file(sys.argv[1]);"
         "print({k: t[k].tolist() for k in sorted(t)}); save_file(t, sys.argv[2])",
         file.string(), (folder_.path() / "back.safetensors").string()});
    QCOMPARE(result.out, std::string("{'flag': [1, 2, 3], 'ids': [7, -1], 'x': [[2.5, -3.0]]}\n"));
    QCOMPARE(floats(*Weights::open(folder_.path() / "back.safetensors").find("x")), kTwo);
  }

  void refusesToWriteWhatCannotBeRead() {
    const fs::path file = folder_.path() / "bad.safetensors";
    const auto one = tensor("a", DType::f32, {1}, kOne);
    LUTHIER_FAILS(write_safetensors(file, {one, one}), "names two");
    LUTHIER_FAILS(write_safetensors(file, {tensor("a", DType::f32, {2}, kOne)}), "do not fit its shape");
    LUTHIER_FAILS(write_safetensors(file, {tensor("__metadata__", DType::f32, {1}, kOne)}), "cannot name a tensor");
    QVERIFY(!fs::exists(file));
    LUTHIER_FAILS(write_safetensors(folder_.path() / "gone/bad.safetensors", {one}), "cannot be written");
  }

  void readsShards() {
    const TemporaryFolder model;
    write_shards(model.path(),
                 R"({"metadata": {"total_size": 12}, "weight_map": {"a": "1.safetensors", "b": "2.safetensors"}})");
    const Weights weights = Weights::open(model.path());
    QCOMPARE(weights.tensors().size(), 2u);
    QCOMPARE(floats(*weights.find("b")), kTwo);
    QCOMPARE(weights.metadata().front().second, std::string("12"));
  }

  void refusesDamagedIndexes_data() {
    QTest::addColumn<QString>("index");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* index, const char* reason) {
      QTest::newRow(name) << QString(index) << QString(reason);
    };
    row("not JSON", "{", "not valid JSON");
    row("no map", "{}", "no \"weight_map\"");
    row("a list", "[]", "no \"weight_map\"");
    row("empty map", R"({"weight_map": {}})", "no \"weight_map\"");
    row("number for a file", R"({"weight_map": {"a": 1}})", "not the name of a .safetensors file");
    row("way out", R"({"weight_map": {"a": "../1.safetensors"}})", "not the name of a .safetensors file");
    row("absolute", R"({"weight_map": {"a": "/etc/1.safetensors"}})", "not the name of a .safetensors file");
    row("backslash", R"({"weight_map": {"a": "..\\1.safetensors"}})", "not the name of a .safetensors file");
    row("zero byte", R"({"weight_map": {"a": "1\u0000.safetensors"}})", "not the name of a .safetensors file");
    row("pickle part", R"({"weight_map": {"a": "1.bin"}})", "not the name of a .safetensors file");
    row("missing part", R"({"weight_map": {"a": "1.safetensors", "b": "3.safetensors"}})", "missing: 3.safetensors");
    row("listed twice", R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "a": "2.safetensors"}})",
        "listed twice");
    row("wrong part", R"({"weight_map": {"a": "2.safetensors", "b": "1.safetensors"}})", "but the index says");
    row("absent tensor", R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}})",
        "\"c\" is not in 2.safetensors");
    row("tensor in two parts",
        R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "d": "a-copy.safetensors"}})",
        "lies in two parts");
  }
  void refusesDamagedIndexes() {
    QFETCH(QString, index);
    QFETCH(QString, reason);
    const TemporaryFolder model;
    write_shards(model.path(), index.toStdString());
    LUTHIER_FAILS(Weights::open(model.path()), reason.toStdString());
  }

  void opensThePublicModels() {
    LUTHIER_NEEDS(models, "weights");
    std::int64_t opened = 0;
    for (const auto& entry : fs::recursive_directory_iterator(models)) {
      if (entry.path().extension() != ".safetensors") continue;
      const Weights weights = Weights::open(entry.path());
      QVERIFY2(!weights.tensors().empty(), entry.path().c_str());
      ++opened;
    }
    QVERIFY(opened > 0);
  }

 private:
  static void write_shards(const fs::path& folder, const std::string& index) {
    write_safetensors(folder / "1.safetensors", {tensor("a", DType::f32, {1}, kOne)});
    write_safetensors(folder / "2.safetensors", {tensor("b", DType::f32, {2}, kTwo)});
    write_safetensors(folder / "a-copy.safetensors",
                      {tensor("a", DType::f32, {1}, kOne), tensor("d", DType::f32, {1}, kOne)});
    write_text(folder / "model.safetensors.index.json", index);
  }
};

QTEST_GUILESS_MAIN(WeightsTest)
#include "weights_test.moc"
