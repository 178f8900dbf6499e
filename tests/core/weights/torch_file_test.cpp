// Checkpoints of torch.save. The expected bytes are those that Python's torch reads from the same files, which
// tests/reference/torch_files.py writes as safetensors.
#include <cstring>

#include "base/error.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;
using luthier::testing::run_program;
using luthier::testing::source_folder;

namespace {

std::string script() { return (source_folder() / "tests/reference/torch_files.py").string(); }

/// Empty when both have the same names, types, shapes and bytes.
std::string difference(const Weights& read, const Weights& expected) {
  if (read.tensors().size() != expected.tensors().size())
    return std::to_string(read.tensors().size()) + " tensors, expected " + std::to_string(expected.tensors().size());
  for (std::size_t i = 0; i < read.tensors().size(); ++i) {
    const TensorEntry &a = read.tensors()[i], &b = expected.tensors()[i];
    if (a.name != b.name) return a.name + " stands where " + b.name + " was expected";
    if (a.type != b.type || a.shape != b.shape) return a.name + " has another type or shape";
    if (a.bytes.size() != b.bytes.size()) return a.name + " has another size";
    if (!a.bytes.empty() && std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) != 0)
      return a.name + " has other numbers";
    if (reinterpret_cast<std::uintptr_t>(a.bytes.data()) % size_of(a.type) != 0) return a.name + " is not aligned";
  }
  return {};
}

void verify_equal(const fs::path& checkpoint, const fs::path& expected) {
  const std::string problem = difference(Weights::open(checkpoint), Weights::open(expected));
  QVERIFY2(problem.empty(), (checkpoint.string() + ": " + problem).c_str());
}

}  // namespace

class TorchFileTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  bool made_ = false;

 private Q_SLOTS:
  void initTestCase() {
    if (!luthier::testing::has_python("torch, safetensors.torch")) return;
    const auto result = run_program({"python3", script(), "make", folder_.path().string()});
    QVERIFY2(result.exit_code == 0, result.err.c_str());
    made_ = true;
  }

  void readsWhatTorchSaves() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    std::int64_t read = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (entry.path().extension() != ".safetensors") continue;
      fs::path checkpoint = fs::path(entry.path()).replace_extension(".pt");
      if (!fs::exists(checkpoint)) checkpoint.replace_extension();  // a folder
      verify_equal(checkpoint, entry.path());
      ++read;
    }
    QVERIFY2(read >= 17, std::to_string(read).c_str());
  }

  void readsPublicCheckpoints() {
    LUTHIER_NEEDS(weights, "weights");
    if (!made_) QSKIP("needs Python's torch and safetensors");
    std::vector<std::string> words = {"python3", script(), "dump"};
    const fs::path out = folder_.path() / "public";
    fs::create_directories(out);
    for (const char* folder : {"resnet_cifar10", "cifar10_tiniest", "pickle_zoo"})
      for (const auto& entry : fs::directory_iterator(weights / folder)) {
        const std::string ending = entry.path().extension().string();
        if ((ending != ".th" && ending != ".pt" && ending != ".bin")) continue;
        words.push_back(entry.path().string());
        words.push_back((out / (entry.path().stem().string() + ".safetensors")).string());
      }
    const auto result = run_program(words);
    QVERIFY2(result.exit_code == 0, result.err.c_str());
    QVERIFY(words.size() >= 3 + 2 * 6);
    for (std::size_t i = 3; i < words.size(); i += 2) verify_equal(words[i], words[i + 1]);
    LUTHIER_FAILS(Weights::open(weights / "pickle_zoo/dummy_speakers.pth"), "no table of named tensors");
  }

  void givesTensorsThatShareBytesMapsOfTheirOwn() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    const Weights weights = Weights::open(folder_.path() / "views_zip.pt");
    const TensorEntry &base = *weights.find("base"), &same = *weights.find("same"), &row = *weights.find("row");
    QVERIFY(base.bytes.data() != same.bytes.data());
    const std::byte before = same.bytes[0], row_before = row.bytes[0];
    for (std::size_t i = 0; i < base.bytes.size(); ++i) const_cast<std::byte*>(base.bytes.data())[i] ^= std::byte{0xff};
    QVERIFY(same.bytes[0] == before);
    QVERIFY(row.bytes[0] == row_before);
    QVERIFY(
        (Weights::open(folder_.path() / "views_zip.pt").find("base")->bytes[0] == before));  // the file is as it was
  }

  void refusesWhatWantsToRun_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* file, const char* reason) {
      QTest::newRow(file) << QString(file) << QString(reason);
    };
    row("bare_0", "pickle");
    row("bare_1", "pickle");
    for (const char* file : {"bare_2", "bare_3", "bare_4", "bare_5", "zip", "stream"})
      row(file, "wants to run posix.system");
    row("eval", "wants to run __builtin__.eval");
    row("getattr", "wants to run __builtin__.getattr");
    row("module", "wants to run torch.nn.modules.container.Sequential");
    row("sparse", "_rebuild_sparse_tensor");
    row("complex", "torch.ComplexFloatStorage");
    row("program", "this is a TorchScript program");
    row("list", "something else than a table");
    row("no_tensors", "no table of named tensors");
    row("two_tables", "several tables of tensors and no usual name among them: one, two");
  }
  void refusesWhatWantsToRun() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    QFETCH(QString, file);
    QFETCH(QString, reason);
    const fs::path path = folder_.path() / "evil" / (file.toStdString() + ".bin");
    LUTHIER_FAILS(Weights::open(path), reason.toStdString());
    LUTHIER_FAILS(Weights::open(path), path.string());
    QVERIFY(!fs::exists(folder_.path() / "executed"));
  }

  void survivesTruncationAndFlippedBytes() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    const fs::path path = folder_.path() / "broken.pt";
    std::int64_t refused = 0, opened = 0;
    const auto attempt = [&](const std::string& bytes) {
      luthier::testing::write_text(path, bytes);
      try {
        unsigned sum = 0;
        const Weights weights = Weights::open(path);
        for (const TensorEntry& tensor : weights.tensors())
          for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
        opened += sum != 1;
      } catch (const Error&) {
        ++refused;
      }
    };
    for (const char* name : {"views_zip.pt", "views_stream.pt"}) {
      const std::string good = read_file(folder_.path() / name);
      for (std::size_t size = 0; size < good.size(); size += 7) attempt(good.substr(0, size));
      QCOMPARE(opened, 0);
      for (std::size_t at = 0; at < good.size(); at += 2) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << at / 2 % 8));
        attempt(bad);
      }
      QVERIFY(refused > 0 && opened > 0);
      opened = 0;
    }
  }

  void refusesACompressedCheckpoint() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    const fs::path file = folder_.path() / "compressed.pt";
    const auto result = run_program({"python3", "-c",
                                     "import sys, zipfile; old = zipfile.ZipFile(sys.argv[1]);"
                                     "new = zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED);"
                                     "[new.writestr(n, old.read(n)) for n in old.namelist()]; new.close()",
                                     (folder_.path() / "views_zip.pt").string(), file.string()});
    QVERIFY2(result.exit_code == 0, result.err.c_str());
    LUTHIER_FAILS(Weights::open(file), "compressed");
  }

  void refusesAPartThatIsEmpty() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    fs::copy(folder_.path() / "shards", folder_.path() / "empty");
    fs::resize_file(folder_.path() / "empty/pytorch_model-00002-of-00002.bin", 0);
    LUTHIER_FAILS(Weights::open(folder_.path() / "empty"), "pytorch_model-00002-of-00002.bin");
    LUTHIER_FAILS(Weights::open(folder_.path() / "empty"), "empty (0 bytes)");
  }

  void prefersSafetensors() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    const fs::path both = folder_.path() / "both";
    fs::create_directories(both);
    fs::copy_file(folder_.path() / "evil/zip.bin", both / "pytorch_model.bin");
    LUTHIER_FAILS(Weights::open(both), "posix.system");
    fs::copy_file(folder_.path() / "state_dict.safetensors", both / "model.safetensors");
    QCOMPARE(Weights::open(both).tensors().size(), 8u);
  }

  void findsTheOnlyCheckpointOfAFolder() {
    if (!made_) QSKIP("needs Python's torch and safetensors");
    const fs::path lone = folder_.path() / "lone";
    fs::create_directories(lone);
    fs::copy_file(folder_.path() / "state_dict.pt", lone / "resnet.pth");
    luthier::testing::write_text(lone / "optimizer.pt", "not weights");
    QCOMPARE(Weights::open(lone).tensors().size(), 8u);
    fs::copy_file(folder_.path() / "state_dict.pt", lone / "other.pth");
    LUTHIER_FAILS(Weights::open(lone), "several files of weights");
  }
};

QTEST_GUILESS_MAIN(TorchFileTest)
#include "torch_file_test.moc"
