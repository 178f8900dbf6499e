// How long it takes until a model of a gigabyte is ready, from a warm cache, and what memory it costs: as one file, in
// shards, and as pytorch_model.bin; and in two-byte numbers, which become four-byte ones on the way.
#include <chrono>
#include <fstream>

#include "base/error.h"
#include "core/models/numbers.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// Kilobytes of this process by a line of /proc/self/smaps_rollup ("Rss:", "Anonymous:").
double megabytes(const std::string& line_name) {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(line_name)) return std::stod(line.substr(line_name.size())) / 1024;
  return 0;
}

}  // namespace

class LoadBench : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aGigabyteIsReadyInTwoSeconds_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"safetensors", "shards", "bin", "bf16"}) QTest::newRow(kind) << kind;
  }
  void aGigabyteIsReadyInTwoSeconds() {
    QFETCH(QString, kind);
    if (!has_python("torch, safetensors")) QSKIP("needs Python with torch and safetensors");
    const TemporaryFolder folder;
    if (free_space_bytes(folder.path()) < (2ull << 30)) QSKIP("needs 2 GB of free space");
    const Output made = run_program({"python3", (source_folder() / "tests/reference/large_model.py").string(),
                                     kind.toStdString(), folder.path().string()});
    QVERIFY2(made.exit_code == 0, made.err.c_str());
    LoadOptions options;
    options.head = Head::causal_lm;
    load_model(folder.path(), options);  // now the cache is warm
    double best = 1e9, resident = 0, anonymous = 0, parameters = 0;
    for (int round = 0; round < 3; ++round) {
      const double resident_before = megabytes("Rss:"), anonymous_before = megabytes("Anonymous:");
      const auto start = std::chrono::steady_clock::now();
      const auto model = load_model(folder.path(), options);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      best = std::min(best, took.count());
      resident = megabytes("Rss:") - resident_before;
      anonymous = megabytes("Anonymous:") - anonymous_before;
      parameters = 0;
      for (const auto& [name, parameter] : model->unique_parameters())
        parameters += static_cast<double>(parameter.nbytes()) / 1048576;
    }
    qInfo("%s: %.0f MB of weights ready in %.2f s, resident %.0f MB more, of these anonymous %.0f MB", qPrintable(kind),
          parameters, best, resident, anonymous);
    QVERIFY(best < 2.0 || kind == "bf16");
    QVERIFY(resident < 1.05 * parameters + 20);
  }
};

QTEST_GUILESS_MAIN(LoadBench)
#include "load_bench.moc"
