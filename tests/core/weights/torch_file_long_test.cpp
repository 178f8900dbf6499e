// A checkpoint of the size that models have.
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "support/testing.h"
#include "weights/weights.h"

using namespace luthier;

class TorchFileLongTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

 private Q_SLOTS:
  void opensAGigabyteAtOnce() {
    if (!luthier::testing::has_python("torch")) QSKIP("needs Python's torch");
    if (free_space_bytes(folder_.path()) < (3ull << 30)) QSKIP("needs 3 GB of free space");
    const fs::path file = folder_.path() / "large.pt";
    const auto result =
        luthier::testing::run_program({"python3", "-c",
                                       "import sys, torch; torch.save({f'layer.{i}': torch.full((1 << 25,), float(i)) "
                                       "for i in range(8)}, sys.argv[1])",
                                       file.string()});
    QVERIFY2(result.exit_code == 0, result.err.c_str());
    QVERIFY(fs::file_size(file) > 1'000'000'000);
    const auto start = std::chrono::steady_clock::now();
    const Weights weights = Weights::open(file);
    float last = 0;
    const TensorEntry& layer = *weights.find("layer.7");
    std::memcpy(&last, layer.bytes.data() + layer.bytes.size() - 4, 4);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    QCOMPARE(last, 7.0f);
    QVERIFY2(took.count() < 0.5, std::to_string(took.count()).c_str());
    fs::remove(file);
  }
};

QTEST_GUILESS_MAIN(TorchFileLongTest)
#include "torch_file_long_test.moc"
