// pixel_values against transformers' image processors (tests/reference/media_processors.py): both backends.
#include "media/image_processor.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::run_program;

namespace {

Image read_rgb(const fs::path& path) {
  const std::string text = read_file(path);
  Image image;
  std::memcpy(&image.width, text.data(), 4);
  std::memcpy(&image.height, text.data() + 4, 4);
  image.pixels.assign(text.begin() + 8, text.end());
  return image;
}

struct Values {
  int channels = 0, height = 0, width = 0;
  std::vector<float> numbers;
};

Values read_values(const fs::path& path) {
  const std::string text = read_file(path);
  Values values;
  std::memcpy(&values.channels, text.data(), 4);
  std::memcpy(&values.height, text.data() + 4, 4);
  std::memcpy(&values.width, text.data() + 8, 4);
  values.numbers.resize((text.size() - 12) / 4);
  std::memcpy(values.numbers.data(), text.data() + 12, values.numbers.size() * 4);
  return values;
}

// How much one level of 255 moves a number of the output: the unit of the comparison.
double level_of(const ImageProcessor& processor) {
  Image two{2, 1, {100, 100, 100, 101, 101, 101}};
  std::vector<float> out(6);
  processor.normalize(two, out.data());
  return std::max({out[1] - out[0], out[3] - out[2], out[5] - out[4]});
}

}  // namespace

class ImageProcessorTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalToTransformersWithinOneLevel() {
    // Looking them up is fast, importing them twice is not.
    if (!testing::has_python(
            "importlib.util as u; assert all(map(u.find_spec, ['transformers', 'torchvision', 'PIL']))"))
      QSKIP("needs python3 with transformers and torchvision");
    const TemporaryFolder folder;
    const auto made =
        run_program({"python3", (testing::source_folder() / "tests/reference/media_processors.py").string(),
                     folder.path().string()});
    QVERIFY2(made.exit_code == 0, made.err.c_str());
    const Json configs = [&] {
      Json list = Json::array();
      for (const auto& entry : fs::directory_iterator(folder.path()))
        if (entry.is_directory()) list.push_back(entry.path().filename().string());
      return list;
    }();
    QCOMPARE(configs.size(), std::size_t(20));
    std::map<std::string, double> worst;
    for (const std::string config : configs) {
      const ImageProcessor processor = ImageProcessor::open(folder.path() / config);
      const double level = level_of(processor);
      const ImageProcessor again = ImageProcessor::from_json(processor.to_json(), config);
      for (const char* name : {"201x150", "33x97", "400x300", "64x64"}) {
        const Image image = read_rgb(folder.path() / (std::string(name) + ".rgb"));
        std::vector<float> own(std::size_t(3) * processor.width() * processor.height()), repeated = own;
        processor.apply(image, own.data());
        again.apply(image, repeated.data());
        QVERIFY2(own == repeated, config.c_str());
        for (const std::string backend : {"torchvision", "pil"}) {
          // torchvision has no such filters.
          if ((config == "vit-box" || config == "vit-hamming") && backend != "pil") continue;
          const Values expected = read_values(folder.path() / (config + "-" + name + "-" + backend + ".f32"));
          const std::string label = config + " " + name + " " + backend;
          // Transformers' PIL backend puts an odd border of a padded crop on the other side than its default backend.
          if (config == "bit-padded" && backend == "pil") continue;
          // So do ties of the nearest pixel.
          if (config == "efficientnet" && backend == "pil") continue;
          QVERIFY2(expected.height == processor.height() && expected.width == processor.width(), label.c_str());
          double most = 0;
          for (std::size_t i = 0; i < own.size(); ++i)
            most = std::max(most, std::abs(double(own[i]) - expected.numbers[i]) / level);
          worst[backend] = std::max(worst[backend], most);
          // torchvision's arithmetic is followed bit for bit (on processors with AVX2); transformers' own two backends
          // differ by two.
          QVERIFY2(most < (backend == "pil" ? 2.01 : 1.01),
                   (label + " differs by " + std::to_string(most) + " levels").c_str());
        }
      }
    }
    for (const auto& [backend, most] : worst) qInfo("%s: at most %g levels apart", backend.c_str(), most);
  }

  void withoutAFileItIsImageNets() {
    const ImageProcessor processor = ImageProcessor::standard();
    QCOMPARE(processor.width(), 224);
    QCOMPARE(processor.height(), 224);
    const Image white{1, 1, {255, 255, 255}};
    std::vector<float> out(3 * 224 * 224);
    processor.apply(white, out.data());
    // (1 - 0.485) / 0.229
    QVERIFY(std::abs(out[0] - 2.2489083f) < 1e-5f);
    QCOMPARE(processor.text(),
             std::string("resize to 224 x 224 (bilinear), mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225"));
  }

  void everyShapeGivesTheSameSize() {
    const auto processor = ImageProcessor::from_json(
        {{"image_processor_type", "BitImageProcessor"}, {"size", 20}, {"do_center_crop", false}}, "x");
    QCOMPARE(processor.width(), 20);
    for (const auto& [width, height] : std::vector<std::pair<int, int>>{{1, 1}, {5, 300}, {300, 5}, {20, 20}}) {
      const Image fitted =
          processor.fit({width, height, std::vector<std::uint8_t>(std::size_t(width) * height * 3, 9)});
      QCOMPARE(fitted.width, 20);
      QCOMPARE(fitted.height, 20);
    }
    const auto still = ImageProcessor::from_json({{"do_resize", false}, {"size", 7}}, "x");
    QCOMPARE(still.fit({9, 3, std::vector<std::uint8_t>(81, 5)}).pixels.size(), std::size_t(147));
  }

  void wrongFilesSayWhichKey() {
    const std::vector<std::pair<const char*, const char*>> cases{
        {R"([1])", "not a JSON object"},
        {R"({"size": -1})", "\"size\""},
        {R"({"size": 1e9})", "\"size\""},
        {R"({"size": {"height": 3}})", "\"size\""},
        {R"({"size": {"height": 3, "width": "x"}})", "\"size.width\""},
        {R"({"image_mean": [1, 2]})", "\"image_mean\""},
        {R"({"image_std": [0, 1, 1]})", "\"image_std\""},
        {R"({"do_resize": 1})", "\"do_resize\""},
        {R"({"resample": 9})", "\"resample\""},
        {R"({"resample": 2.5})", "\"resample\""},
        {R"({"do_center_crop": true})", "\"crop_size\""},
        {R"({"image_processor_type": "ConvNextImageProcessor", "size": [3, 3]})", "\"size\""},
        {R"({"image_processor_type": "ConvNextImageProcessor", "size": 64, "crop_pct": 0})", "\"crop_pct\""},
        {R"({"image_processor_type": "Qwen2VLImageProcessor"})", "Qwen2VLImageProcessor"},
    };
    for (const auto& [text, part] : cases) {
      LUTHIER_FAILS(ImageProcessor::from_json(Json::parse(text), "model/preprocessor_config.json"), part);
      LUTHIER_FAILS(ImageProcessor::from_json(Json::parse(text), "model/preprocessor_config.json"),
                    "model/preprocessor_config.json");
    }
    LUTHIER_FAILS(ImageProcessor::open("/nonexistent/folder"), "nonexistent");
  }
};

QTEST_GUILESS_MAIN(ImageProcessorTest)
#include "image_processor_test.moc"
