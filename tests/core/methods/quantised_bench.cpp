// What quantised weights cost and save, one thread: peak memory above the idle process and seconds a step of full
// fine-tuning, LoRA and QLoRA on one Llama of 281 MB, and the product alone against one in full precision. Each method
// is a process of its own: run `methods_quantised_bench step:full`, `step:lora`, `step:qlora`; then `product`.
#include <ATen/CPUGeneratorImpl.h>
#include <malloc.h>
#include <torch/nn/functional/loss.h>
#include <torch/types.h>

#include <climits>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "methods/method.h"
#include "nn/adamw.h"
#include "nn/quantised.h"
#include "support/testing.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

/// "VmHWM" or "RssAnon" of this process in megabytes.
double memory_megabytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
  return 0;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

template <class Work>
double seconds(int times, const Work& work) {
  work();
  QElapsedTimer timer;
  timer.start();
  for (int i = 0; i < times; ++i) work();
  return static_cast<double>(timer.nsecsElapsed()) * 1e-9 / times;
}

}  // namespace

class QuantisedBench : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
  }

  void step_data() {
    QTest::addColumn<QString>("method");
    for (const char* method : {"full", "lora", "qlora"}) QTest::newRow(method) << method;
  }
  void step() {
    QFETCH(QString, method);
    const fs::path folder = fs::temp_directory_path() / "luthier-quantised-bench";
    if (!fs::exists(folder / "model.safetensors")) {
      const Json config = {{"model_type", "llama"},     {"architectures", {"LlamaForCausalLM"}},
                           {"vocab_size", 8000},        {"hidden_size", 768},
                           {"num_hidden_layers", 8},    {"num_attention_heads", 12},
                           {"num_key_value_heads", 12}, {"intermediate_size", 2048},
                           {"hidden_act", "silu"},      {"max_position_embeddings", 512},
                           {"rms_norm_eps", 1e-6},      {"tie_word_embeddings", false}};
      write_text(folder / "config.json", config.dump());
      LoadOptions draw;
      draw.head = Head::causal_lm;
      draw.from_config = true;
      save_model(*load_model(folder, draw), folder);
      QSKIP("made the model; run again");  // so that the process that measures has drawn nothing
    }
    const double idle = memory_megabytes("RssAnon");
    LoadOptions load;
    load.head = Head::causal_lm;
    QloraOptions qlora;
    if (method == "qlora")
      load.quantisation = Quantisation{{nn::quantised_type(qlora.type), qlora.block, qlora.double_quantisation}, {}};
    MethodOptions options = FullOptions{};
    if (method == "lora") options = LoraOptions{};
    if (method == "qlora") options = qlora;
    const auto model = load_model(folder, load);
    const Attached attached = attach_method(*model, options, false, 1);
    std::vector<torch::Tensor> parameters;
    for (const auto& [name, parameter] : attached.trainable) parameters.push_back(parameter);
    nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), {});
    const double loaded = memory_megabytes("RssAnon");
    model->train();
    Batch batch;
    batch.input_ids = torch::randint(0, 8000, {4, 64}, at::detail::createCPUGenerator(3), torch::kLong);
    const auto one = [&] {
      const torch::Tensor logits = model->logits(batch).slice(1, 0, -1);
      torch::nn::functional::cross_entropy(logits.reshape({-1, 8000}), batch.input_ids.slice(1, 1).reshape({-1}))
          .backward();
      optimizer.step(1e-4);
      optimizer.zero_grad();
    };
    one();
    forget_peak();
    const double took = seconds(2, one);
    const double files = memory_megabytes("RssFile");
    qInfo(
        "%s: loaded %.0f MB anonymous, peak %.0f MB anonymous + %.0f MB mapped files above the idle process, %.2f s a "
        "step of 4 x 64 tokens",
        qPrintable(method), loaded - idle, memory_megabytes("VmHWM") - files - idle, files, took);
  }

  void product() {
    const torch::Tensor weight = torch::randn({2048, 2048}, at::detail::createCPUGenerator(1));
    const auto few = std::make_shared<nn::QuantisedWeight>(weight, nn::QuantiseOptions{});
    const torch::NoGradGuard no_grad;
    qInfo("dequantising 2048 x 2048: %.2f ms", 1e3 * seconds(10, [&] { few->dequantised(); }));
    for (const std::int64_t rows : {1, 8, 64, 512}) {
      const torch::Tensor x = torch::randn({rows, 2048}, at::detail::createCPUGenerator(2));
      const double plain = seconds(5, [&] { torch::linear(x, weight); });
      const double quantised = seconds(5, [&] { nn::quantised_linear(x, few, {}); });
      qInfo("%4lld rows: %.2f ms in full precision, %.2f ms quantised", static_cast<long long>(rows), 1e3 * plain,
            1e3 * quantised);
    }
  }
};

QTEST_GUILESS_MAIN(QuantisedBench)
#include "quantised_bench.moc"
