// What the image families do beside giving transformers' numbers (fixtures_test.cpp): running statistics, other sizes
// of images, new labels, adapters on convolutions, configs that lie. Made on the fixtures in tests/fixtures.
#include <ATen/ops/randn.h>

#include "base/error.h"
#include "core/models/numbers.h"
#include "nn/conv2d.h"
#include "recipe/outline.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

const char* const kFamilies[] = {"resnet", "efficientnet", "vit"};

fs::path base_of(const std::string& family) { return fixture("full/" + family + "-cls/base"); }

std::shared_ptr<Model> open(const fs::path& folder, std::vector<std::string> labels = {},
                            LoadReport* report = nullptr) {
  LoadOptions options;
  options.head = Head::image_classification;
  options.labels = std::move(labels);
  return load_model(folder, options, report);
}

Batch images(std::int64_t rows, std::int64_t height, std::int64_t width, std::int64_t channels = 3) {
  Batch batch;
  batch.pixel_values = at::randn({rows, channels, height, width});
  return batch;
}

}  // namespace

class ImageModelsTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;

  static void families() {
    QTest::addColumn<QString>("family");
    for (const char* family : kFamilies) QTest::newRow(family) << family;
  }
  /// The fixture's folder with one key of its config changed.
  fs::path changed(const std::string& family, const std::string& key, const Json& value) {
    const fs::path folder = folder_.path() / (family + "-" + key);
    fs::remove_all(folder);
    fs::copy(base_of(family), folder);
    Json config = read_json(folder / "config.json");
    config[key] = value;
    write_json(folder / "config.json", config);
    return folder;
  }

 private Q_SLOTS:
  void theOutlineNamesEveryParameterInOrder_data() { families(); }
  void theOutlineNamesEveryParameterInOrder() {
    QFETCH(QString, family);
    const ModelOutline outline = outline_model(base_of(family.toStdString()));
    const auto model = open(base_of(family.toStdString()));
    const auto parameters = model->unique_parameters();
    QCOMPARE(outline.parameters.size(), parameters.size());
    for (const auto& [name, value] : parameters) {
      const auto found = std::find_if(outline.parameters.begin(), outline.parameters.end(),
                                      [&](const ParameterOutline& one) { return one.name == name; });
      QVERIFY2(found != outline.parameters.end() && at::IntArrayRef(found->shape) == value.sizes(), name.c_str());
    }
    QVERIFY(outline.findings.empty());  // no tokenizer is missed either
    QCOMPARE(outline.family, family.toStdString());
  }

  void gradientsReachEveryParameter_data() { families(); }
  void gradientsReachEveryParameter() {
    QFETCH(QString, family);
    const auto model = open(base_of(family.toStdString()));
    model->train();
    model->logits(images(2, 32, 32)).square().sum().backward();
    for (const auto& [name, value] : model->unique_parameters())
      QVERIFY2(value.grad().defined() && value.grad().isfinite().all().item<bool>(), name.c_str());
  }

  void convolutionalNetworksReadAnySize() {
    for (const char* family : {"resnet", "efficientnet"})
      for (const auto& [height, width] : {std::pair{33, 47}, std::pair{64, 20}}) {
        const auto model = open(base_of(family));
        QCOMPARE(model->logits(images(2, height, width)).sizes().vec(), (std::vector<std::int64_t>{2, 4}));
      }
  }

  void positionsAreStretchedForOtherSizes() {
    const auto model = open(base_of("vit"));
    QCOMPARE(model->logits(images(1, 64, 48)).size(1), 4);
    QCOMPARE(model->hidden(images(1, 64, 48)).size(1), 8 * 6 + 1);
    LUTHIER_FAILS(model->logits(images(1, 4, 32)), "patch");
  }

  void runningStatisticsMoveInTrainingAlone() {
    const auto model = open(base_of("resnet"));
    const std::string name = "resnet.embedder.embedder.normalization.";
    const Tensor mean = *model->named_buffers().find(name + "running_mean");
    const Tensor seen = *model->named_buffers().find(name + "num_batches_tracked");
    const Tensor before = mean.clone(), count = seen.clone();
    const Batch batch = images(4, 32, 32);
    model->eval();
    model->logits(batch);
    QVERIFY(mean.equal(before) && seen.equal(count));
    model->train();
    model->logits(batch);
    QVERIFY(!mean.equal(before));
    QCOMPARE(seen.item<std::int64_t>(), count.item<std::int64_t>() + 1);
    // By hand: a tenth of the way to the batch's mean.
    const auto parameters = model->named_parameters();
    const Tensor map =
        at::conv2d(batch.pixel_values, *parameters.find("resnet.embedder.embedder.convolution.weight"), {}, 2, 3);
    QVERIFY((mean - (before * 0.9 + map.mean({0, 2, 3}) * 0.1)).abs().max().item<double>() < 1e-5);
  }

  void frozenNormsKeepTheirStatistics() {
    const auto model = open(base_of("resnet"));
    for (Tensor parameter : model->parameters()) parameter.requires_grad_(false);
    const Batch batch = images(4, 32, 32);
    const Tensor calm = model->logits(batch);
    model->train();
    QVERIFY(model->logits(batch).equal(calm));
    model->eval();
    QVERIFY(model->logits(batch).equal(calm));
  }

  void statisticsAreSavedAndReadBack() {
    const auto model = open(base_of("efficientnet"));
    model->train();
    model->logits(images(3, 32, 32));
    model->eval();
    save_model(*model, folder_.path() / "statistics");
    const Batch batch = images(2, 32, 32);
    LoadReport report;
    const auto again = open(folder_.path() / "statistics", {}, &report);
    QVERIFY(again->logits(batch).equal(model->logits(batch)));
    QVERIFY(report.drawn.empty() && report.unused.empty());
    for (const auto& buffer : again->named_buffers())
      QVERIFY(buffer.value().equal(*model->named_buffers().find(buffer.key())));
  }

  void otherLabelsDrawTheHeadAlone_data() { families(); }
  void otherLabelsDrawTheHeadAlone() {
    QFETCH(QString, family);
    LoadReport report;
    const auto model = open(base_of(family.toStdString()), {"ant", "bee"}, &report);
    QVERIFY(report.new_head);
    QCOMPARE(report.drawn.size(), std::size_t(2));
    QCOMPARE(model->logits(images(2, 32, 32)).size(1), 2);
    QCOMPARE(model->config()["id2label"]["1"].get<std::string>(), std::string("bee"));
  }

  void drawsEveryFamilyFromItsConfig_data() { families(); }
  void drawsEveryFamilyFromItsConfig() {
    QFETCH(QString, family);
    LoadOptions options;
    options.head = Head::image_classification;
    options.from_config = true;
    const auto model = load_model(base_of(family.toStdString()) / "config.json", options);
    const auto parameters = model->named_parameters();
    if (family == "resnet") {
      const Tensor weight = *parameters.find("resnet.encoder.stages.3.layers.0.layer.2.convolution.weight");
      const double expected = std::sqrt(2.0 / 32);  // Kaiming-normal by fan out: 32 channels, 1 x 1
      QVERIFY(std::abs(weight.std().item<double>() / expected - 1) < 0.15);
      QVERIFY(parameters.find("classifier.1.bias")->abs().max().item<double>() > 0);
    } else if (family == "vit") {
      const Tensor positions = *parameters.find("vit.embeddings.position_embeddings");
      QVERIFY(std::abs(positions.std().item<double>() - 0.02) < 0.003);
    } else {
      const Tensor weight = *parameters.find("efficientnet.encoder.top_bn.weight");
      QVERIFY(std::abs(weight.std().item<double>() - 0.02) < 0.004);  // transformers draws these norms too
    }
    model->train();
    QVERIFY(model->logits(images(2, 64, 64)).isfinite().all().item<bool>());
  }

  void anAdaptersUpdateOfAConvolutionMerges() {
    nn::Conv2d layer(nn::Conv2dShape{.in = 3, .out = 5, .kernel = 3, .stride = 2, .padding = 1, .bias = true});
    const at::NoGradGuard no_grad;
    layer.weight.normal_();
    layer.bias.normal_();
    const Tensor x = at::randn({2, 3, 9, 8}), plain = layer.forward(x);
    layer.add_lora(2, 0.5, 1, 0, at::Generator());
    QVERIFY(layer.forward(x).allclose(plain));  // B starts at zero
    Tensor(layer.lora()->b).normal_();
    QCOMPARE(layer.lora()->a.sizes().vec(), (std::vector<std::int64_t>{2, 3, 3, 3}));
    QCOMPARE(layer.lora()->b.sizes().vec(), (std::vector<std::int64_t>{5, 2, 1, 1}));
    const Tensor adapted = layer.forward(x);
    QVERIFY(!adapted.allclose(plain));
    layer.merge_adapter();
    QVERIFY(layer.forward(x).allclose(adapted, 1e-4, 1e-5));
    nn::Conv2d grouped(nn::Conv2dShape{.in = 4, .out = 4, .kernel = 3, .groups = 4});
    LUTHIER_FAILS(grouped.add_lora(2, 1, 1, 0, at::Generator()), "groups");
  }

  void configsThatLieAreNamed_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    const std::tuple<const char*, const char*, const char*> wrong[] = {
        {"resnet", "depths", "[1, 1]"},           {"resnet", "depths", "[0, 1, 1, 1]"},
        {"resnet", "hidden_sizes", "\"large\""},  {"resnet", "layer_type", "\"plain\""},
        {"resnet", "num_channels", "-3"},         {"resnet", "hidden_sizes", "[1, 1, 1, 1000000000]"},
        {"efficientnet", "kernel_sizes", "[3]"},  {"efficientnet", "hidden_dim", "77"},
        {"efficientnet", "strides", "[1,2,3,4]"}, {"efficientnet", "width_coefficient", "1e9"},
        {"efficientnet", "in_channels", "[]"},    {"efficientnet", "pooling_type", "\"sum\""},
        {"vit", "patch_size", "[8, 4]"},          {"vit", "patch_size", "64"},
        {"vit", "num_attention_heads", "5"},      {"vit", "image_size", "[32]"}};
    int at = 0;
    for (const auto& [family, key, value] : wrong)
      QTest::newRow((std::string(key) + std::to_string(at++)).c_str()) << family << key << value;
  }
  void configsThatLieAreNamed() {
    QFETCH(QString, family);
    QFETCH(QString, key);
    QFETCH(QString, value);
    const Json json = parse_json(value.toStdString(), "test");
    LUTHIER_FAILS(open(changed(family.toStdString(), key.toStdString(), json)), key.toStdString());
  }

  void weightsThatAreNotFiniteAreNamed() {
    const fs::path folder = changed("resnet", "hidden_act", "relu");
    NamedTensors tensors;
    for (auto [name, tensor] : read_tensors(folder / "model.safetensors")) {
      tensor = tensor.clone();
      if (name == "classifier.1.weight") tensor[1][2] = std::nan("");
      tensors.emplace_back(name, tensor);
    }
    write_tensors(folder / "model.safetensors", tensors);
    LUTHIER_FAILS(open(folder), "classifier.1.weight");
  }

  void aMissingStatisticIsNamed() {
    const fs::path folder = changed("resnet", "hidden_act", "relu");
    NamedTensors tensors;
    for (const auto& [name, tensor] : read_tensors(folder / "model.safetensors")) {
      const bool counter = name.ends_with("num_batches_tracked");  // files that old torch wrote lack it
      if (!counter) tensors.emplace_back(name, tensor.clone());
    }
    write_tensors(folder / "model.safetensors", tensors);
    LoadReport report;
    open(folder, {}, &report);
    QVERIFY(report.drawn.empty());
    std::erase_if(tensors,
                  [](const auto& one) { return one.first == "resnet.embedder.embedder.normalization.running_var"; });
    tensors.emplace_back("stray", tensors.front().second.clone());
    write_tensors(folder / "model.safetensors", tensors);
    LUTHIER_FAILS(open(folder), "embedder.normalization.running_var");
  }

  void imagesWithTooFewChannelsAreRefused() {
    for (const char* family : kFamilies) LUTHIER_FAILS(open(base_of(family))->logits(images(1, 32, 32, 1)), "channels");
    LUTHIER_FAILS(open(base_of("vit"))->logits({}), "images");
  }
};

QTEST_GUILESS_MAIN(ImageModelsTest)
#include "image_models_test.moc"
