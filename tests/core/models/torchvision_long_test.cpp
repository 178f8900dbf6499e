// State dicts spelled as torchvision's become folders that compute the same. The networks and their numbers are those
// of tests/reference/torchvision_models.py, which writes them while the test runs.
#include <ATen/ops/ones.h>

#include "base/error.h"
#include "core/models/numbers.h"
#include "models/torchvision.h"

using namespace luthier;
using namespace luthier::testing;

class TorchvisionTest : public QObject {
  Q_OBJECT

  TemporaryFolder folder_;
  fs::path made(const std::string& name) { return folder_.path() / name; }

  /// The state dict again as safetensors, changed on the way.
  fs::path changed(const std::string& name, const std::function<void(NamedTensors&)>& change) {
    const Weights weights = Weights::open(made(name + ".pth"));
    NamedTensors tensors;
    for (const TensorEntry& entry : weights.tensors())
      tensors.emplace_back(entry.name, map_tensor(entry, weights.keep_alive()));
    change(tensors);
    const fs::path file = made("changed.safetensors");
    fs::remove(file);
    write_tensors(file, tensors);
    return file;
  }

 private Q_SLOTS:
  void initTestCase() {
    if (!has_python("torch, safetensors")) QSKIP("needs Python with torch");
    const Output output = run_program(
        {"python3", (source_folder() / "tests/reference/torchvision_models.py").string(), folder_.path().string()});
    QVERIFY2(output.exit_code == 0, output.err.c_str());
  }

  void computesTheSame_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("side");
    QTest::newRow("resnet18") << "resnet18" << "resnet18" << 224;
    QTest::newRow("resnet50") << "resnet50" << "resnet50" << 224;
    QTest::newRow("efficientnet_b0") << "efficientnet_b0" << "efficientnet_b0" << 224;
    QTest::newRow("vit") << "vit" << "vit_own_8" << 32;
  }
  void computesTheSame() {
    QFETCH(QString, file);
    QFETCH(QString, name);
    QFETCH(int, side);
    const fs::path folder = made(file.toStdString() + "-folder");
    const TorchvisionImport import = import_torchvision(made(file.toStdString() + ".pth"), folder);
    QCOMPARE(import.name, name.toStdString());
    QCOMPARE(import.note.empty(), file != "efficientnet_b0");
    const Json preprocessor = read_json(folder / "preprocessor_config.json");
    QCOMPARE(preprocessor["crop_size"]["width"].get<int>(), side);
    QCOMPARE(preprocessor["image_mean"][0].get<double>(), 0.485);

    const auto model = open_model(folder);
    const Tensors io = tensors_of(made(file.toStdString() + ".safetensors"));
    const at::NoGradGuard no_grad;
    const Batch batch = batch_of(io, "");
    const double relative = difference(model->logits(batch), io.at("logits"), batch);
    QVERIFY2(relative < 1e-4, std::to_string(relative).c_str());
    LUTHIER_FAILS(import_torchvision(made(file.toStdString() + ".pth"), folder), "already");
  }

  void prefixesOfTrainingScriptsAreTakenOff() {
    const fs::path file = changed("resnet18", [](NamedTensors& tensors) {
      for (auto& [name, tensor] : tensors) name = "module." + name;
    });
    QCOMPARE(import_torchvision(file, made("prefixed")).name, std::string("resnet18"));
  }

  void whatIsNotOneOfThemIsRefusedByName() {
    const auto drop = [](const std::string& gone) {
      return
          [gone](NamedTensors& tensors) { std::erase_if(tensors, [&](const auto& one) { return one.first == gone; }); };
    };
    const fs::path folder = made("refused");
    LUTHIER_FAILS(import_torchvision(made("nowhere.pth"), folder), "nowhere.pth");
    LUTHIER_FAILS(import_torchvision(changed("resnet18", drop("conv1.weight")), folder), "not the tensors");
    LUTHIER_FAILS(import_torchvision(changed("resnet18", drop("layer2.1.bn2.running_var")), folder),
                  "layer2.1.bn2.running_var");
    LUTHIER_FAILS(import_torchvision(changed("vit", drop("encoder.ln.bias")), folder), "encoder.ln.bias");
    LUTHIER_FAILS(import_torchvision(changed("efficientnet_b0", drop("features.7.0.block.0.0.weight")), folder),
                  "none of EfficientNet");
    const auto stray = [](NamedTensors& tensors) { tensors.emplace_back("extra.weight", at::ones({2})); };
    LUTHIER_FAILS(import_torchvision(changed("resnet18", stray), folder), "extra.weight");
    const auto broken = [](NamedTensors& tensors) {
      for (auto& [name, tensor] : tensors)
        if (name == "layer3.1.conv2.weight") tensor = at::ones({3, 3});
    };
    LUTHIER_FAILS(import_torchvision(changed("resnet18", broken), folder), "shape");
    const auto grouped = [](NamedTensors& tensors) {
      for (auto& [name, tensor] : tensors)
        if (name == "layer1.0.conv2.weight") tensor = at::ones({8, 2, 3, 3});
    };
    LUTHIER_FAILS(import_torchvision(changed("resnet50", grouped), folder), "ResNeXt");
    QVERIFY(!fs::exists(folder));  // nothing is left behind
  }
};

QTEST_GUILESS_MAIN(TorchvisionTest)
#include "torchvision_long_test.moc"
