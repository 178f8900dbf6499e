// Real PEFT, whose source PEFT_SRC names, opens the adapters that are saved here and computes the same logits
// (tests/reference/open_adapters.py).
#include <ATen/CPUGeneratorImpl.h>

#include <sstream>

#include "fixture_run.h"
#include "methods/lora.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

struct Case {
  const char* name;
  const char* base;
  MethodOptions method;
};

LoraOptions lora(std::vector<std::string> targets = {"all-linear"}) {
  LoraOptions options;
  options.rank = 4;
  options.alpha = 8;
  options.targets = std::move(targets);
  options.targets_is_list = options.targets.front() != "all-linear";
  return options;
}

std::vector<Case> cases() {
  LoraOptions dora = lora(), blocks = lora(), stabilised = lora(), patterns = lora(), table = lora({"embed_tokens"}),
              kernels = lora(), both = lora();
  dora.dora = both.dora = kernels.dora = true;
  blocks.layers = "1";
  stabilised.rank_stabilised = true;
  patterns.rank_pattern = {{"q_proj", 2}};
  patterns.alpha_pattern = {{"v_proj", 32}};
  both.targets = {"embed_tokens", "q_proj"};
  both.targets_is_list = true;
  return {{"lora-llama", "llama-lm", lora()},
          {"dora-llama", "llama-lm", dora},
          {"rslora-llama", "llama-lm", stabilised},
          {"blocks-llama", "llama-lm", blocks},
          {"patterns-llama", "llama-lm", patterns},
          {"embedding-llama", "llama-lm", table},
          {"dora-embedding-llama", "llama-lm", both},
          {"ia3-llama", "llama-lm", Ia3Options{}},
          {"dora-gpt2", "gpt2-lm", dora},
          {"ia3-gpt2", "gpt2-lm", Ia3Options{}},
          {"dora-bert", "bert-cls", dora},
          {"ia3-bert", "bert-cls", Ia3Options{}},
          {"ia3-roberta", "roberta-cls", Ia3Options{}},
          {"lora-resnet", "resnet-cls", lora()},
          {"dora-resnet", "resnet-cls", kernels},
          {"ia3-resnet", "resnet-cls", Ia3Options{}}};
}

}  // namespace

class PeftSourceLongTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void peftOpensWhatIsSaved() {
    if (qgetenv("PEFT_SRC").isEmpty()) QSKIP("PEFT_SRC names no source of PEFT");
    const TemporaryFolder folder;
    std::vector<std::string> words = {"python3", (source_folder() / "tests/reference/open_adapters.py").string()};
    std::map<std::string, torch::Tensor> expected;
    for (const Case& one : cases()) {
      const std::string name = std::string("full/") + one.base;
      const fs::path place = folder.path() / one.name;
      const auto model = fixture_model(name);
      const Attached attached = attach_method(*model, one.method, false, 3);
      {
        const torch::NoGradGuard no_grad;
        std::uint64_t seed = 9;
        for (const auto& [parameter, values] : attached.trainable)
          Tensor(values).add_(torch::randn(values.sizes(), at::detail::createCPUGenerator(seed++)), 0.1);
      }
      fs::create_directories(place);
      fs::copy(fixture(name) / "base", place / "base", fs::copy_options::recursive);
      save_adapter(*model, place / "adapter", (place / "base").string());
      const FixtureBatch batch = fixture_batch(name, "batch0");
      NamedTensors inputs;
      if (batch.inputs.input_ids.defined()) inputs.emplace_back("input_ids", batch.inputs.input_ids);
      if (batch.inputs.attention_mask.defined())
        inputs.emplace_back("attention_mask", batch.inputs.attention_mask.to(torch::kLong));
      if (batch.inputs.pixel_values.defined()) inputs.emplace_back("pixel_values", batch.inputs.pixel_values);
      write_tensors(place / "inputs.safetensors", inputs);
      expected[one.name] = model->logits(batch.inputs).detach();
      words.push_back(place.string());
    }
    const Output output = run_program(words, {}, 600);
    QVERIFY2(output.exit_code == 0, output.err.c_str());
    std::istringstream lines(output.out);
    int opened = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] != '{') continue;
      const Json told = parse_json(line, "open_adapters.py");
      QVERIFY2(told["missing"].empty(), line.c_str());
      const fs::path place = told["folder"].get<std::string>();
      const std::string name = place.filename().string();
      const torch::Tensor theirs = find_tensor(read_tensors(place / "logits.safetensors"), "logits");
      const auto all = cases();
      const auto one = std::find_if(all.begin(), all.end(), [&](const Case& each) { return each.name == name; });
      const FixtureBatch batch = fixture_batch(std::string("full/") + one->base, "batch0");
      QVERIFY2(relative_difference(expected.at(name), theirs, batch.inputs) < 1e-4, name.c_str());
      ++opened;
    }
    QCOMPARE(opened, static_cast<int>(expected.size()));
  }
};

QTEST_GUILESS_MAIN(PeftSourceLongTest)
#include "peft_source_long_test.moc"
