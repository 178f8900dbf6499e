#include "media/image_processor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"

namespace luthier {

namespace {

constexpr int kLargestSide = 8192;  // of what a model takes; no model comes near

constexpr std::array<double, 3> kImageNetMean{0.485, 0.456, 0.406}, kImageNetDeviation{0.229, 0.224, 0.225};
constexpr std::array<double, 3> kHalves{0.5, 0.5, 0.5};
constexpr std::array<double, 3> kClipMean{0.48145466, 0.4578275, 0.40821073},
    kClipDeviation{0.26862954, 0.26130258, 0.27577711};

// What a processor does where its file is silent.
struct Defaults {
  const char* type;
  Resample filter;
  std::array<double, 3> mean, deviation;
  int height, width, shorter;  // 0: not given
  int crop;                    // 0: no crop
  int crop_side;               // the size of a crop that the file switches on without saying its size
  bool square;                 // a single number as size is both sides, not the shorter one
};

constexpr Defaults kDefaults[] = {
    {"ViTImageProcessor", Resample::bilinear, kHalves, kHalves, 224, 224, 0, 0, 0, true},
    {"DeiTImageProcessor", Resample::bicubic, kHalves, kHalves, 256, 256, 0, 224, 224, true},
    {"BeitImageProcessor", Resample::bicubic, kHalves, kHalves, 224, 224, 0, 0, 224, true},
    {"SiglipImageProcessor", Resample::bicubic, kHalves, kHalves, 224, 224, 0, 0, 0, false},
    {"CLIPImageProcessor", Resample::bicubic, kClipMean, kClipDeviation, 0, 0, 224, 224, 224, false},
    {"BitImageProcessor", Resample::bicubic, kClipMean, kClipDeviation, 0, 0, 224, 224, 224, false},
    {"ConvNextImageProcessor", Resample::bicubic, kHalves, kHalves, 0, 0, 384, 0, 0, false},
    {"EfficientNetImageProcessor", Resample::bicubic, kHalves, kHalves, 346, 346, 0, 0, 289, true},
};

// One preprocessor_config.json with errors that say which key is wrong.
class ImageFields {
 public:
  ImageFields(const Json& json, const std::string& where) : json_(json), where_(where) {
    if (!json.is_object()) wrong("", "is not a JSON object");
  }

  const Json* find(const std::string& key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  bool boolean(const std::string& key, bool otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (!value->is_boolean()) wrong(key, "is neither true nor false");
    return value->get<bool>();
  }

  double number(const std::string& key, double otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (!value->is_number()) wrong(key, "is not a number");
    return value->get<double>();
  }

  std::string text(const std::string& key) const {
    const Json* value = find(key);
    return value && value->is_string() ? value->get<std::string>() : std::string();
  }

  int side(const std::string& key, const Json& value) const {
    if (!value.is_number_integer() || value.get<double>() < 1 || value.get<double>() > kLargestSide)
      wrong(key, "is no number of pixels from 1 to " + std::to_string(kLargestSide));
    return value.get<int>();
  }

  // Three numbers, or one for all channels.
  std::array<double, 3> channels(const std::string& key, std::array<double, 3> otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (value->is_number()) return {value->get<double>(), value->get<double>(), value->get<double>()};
    if (!value->is_array() || value->size() != 3 ||
        !std::all_of(value->begin(), value->end(), [](const Json& v) { return v.is_number(); }))
      wrong(key, "is not a list of three numbers");
    return {(*value)[0].get<double>(), (*value)[1].get<double>(), (*value)[2].get<double>()};
  }

  [[noreturn]] void wrong(const std::string& key, const std::string& why) const {
    fail(ErrorKind::bad_input, (key.empty() ? "the image processor's file" : "\"" + key + "\"") + " " + why, where_,
         "correct the file, or take it from the model's page again");
  }

  const std::string& where() const { return where_; }

 private:
  const Json& json_;
  const std::string& where_;
};

struct Size {
  int height = 0, width = 0, shorter = 0, longer = 0;
};

std::optional<Size> read_size(const ImageFields& fields, const std::string& key, bool square) {
  const Json* value = fields.find(key);
  if (!value) return std::nullopt;
  Size size;
  if (value->is_number()) {
    const int side = fields.side(key, *value);
    square ? size.height = size.width = side : size.shorter = side;
  } else if (value->is_array() && value->size() == 2) {
    size.height = fields.side(key, (*value)[0]);
    size.width = fields.side(key, (*value)[1]);
  } else if (value->is_object() && value->contains("height") && value->contains("width")) {
    size.height = fields.side(key + ".height", (*value)["height"]);
    size.width = fields.side(key + ".width", (*value)["width"]);
  } else if (value->is_object() && value->contains("shortest_edge")) {
    size.shorter = fields.side(key + ".shortest_edge", (*value)["shortest_edge"]);
    if (value->contains("longest_edge") && !(*value)["longest_edge"].is_null())
      size.longer = fields.side(key + ".longest_edge", (*value)["longest_edge"]);
  } else {
    fields.wrong(key, "gives neither height and width nor shortest_edge");
  }
  return size;
}

// "ViTFeatureExtractor", "ViTImageProcessorFast" -> "ViTImageProcessor"
std::string processor_type(const ImageFields& fields) {
  std::string type = fields.text("image_processor_type");
  if (type.empty()) type = fields.text("feature_extractor_type");
  if (const auto at = type.find("FeatureExtractor"); at != std::string::npos)
    type.replace(at, std::string::npos, "ImageProcessor");
  for (const std::string end : {"Fast", "Pil"})
    if (type.ends_with(end)) type.resize(type.size() - end.size());
  return type.empty() ? "ViTImageProcessor" : type;
}

const char* name_of(Resample filter) {
  switch (filter) {
    case Resample::nearest:
      return "nearest";
    case Resample::lanczos:
      return "Lanczos";
    case Resample::bilinear:
      return "bilinear";
    case Resample::bicubic:
      return "bicubic";
    case Resample::box:
      return "box";
    case Resample::hamming:
      return "Hamming";
  }
  fail(ErrorKind::internal, "no such filter");
}

// The middle width x height pixels; black where the image is smaller.
Image centre(const Image& image, int width, int height) {
  if (image.width == width && image.height == height) return image;
  if (image.width >= width && image.height >= height)
    return crop(image, (image.width - width) / 2, (image.height - height) / 2, width, height);
  Image out{width, height, {}};
  out.pixels.assign(std::size_t(width) * height * 3, 0);
  const int copied = std::min(image.width, width), rows = std::min(image.height, height);
  const int from_x = (image.width - copied) / 2, from_y = (image.height - rows) / 2;
  const int to_x = (width - copied) / 2, to_y = (height - rows) / 2;
  for (int y = 0; y < rows; ++y)
    std::memcpy(out.row(to_y + y) + std::size_t(to_x) * 3, image.row(from_y + y) + std::size_t(from_x) * 3,
                std::size_t(copied) * 3);
  return out;
}

// The shorter side becomes `shorter`; where the longer one would pass `most` (0: never), that one becomes `most`.
Image resize_shorter(const Image& image, int shorter, int most, Resample filter) {
  const int low = std::min(image.width, image.height), high = std::max(image.width, image.height);
  double exact = shorter;
  if (most > 0 && double(high) / low * shorter > most) exact = double(most) * low / high;
  const int short_side = std::max(1, int(std::nearbyint(exact)));
  const int long_side = std::max(1, int(exact * high / low));
  return image.width <= image.height ? resize(image, short_side, long_side, filter, Rounding::torch)
                                     : resize(image, long_side, short_side, filter, Rounding::torch);
}

}  // namespace

ImageProcessor ImageProcessor::open(const std::filesystem::path& path) {
  const auto file = std::filesystem::is_directory(path) ? path / "preprocessor_config.json" : path;
  return from_json(read_json(file, 16 << 20), file.string());
}

ImageProcessor ImageProcessor::standard(int side) {
  return from_json({{"size", side}, {"image_mean", kImageNetMean}, {"image_std", kImageNetDeviation}},
                   "the standard image processor");
}

ImageProcessor ImageProcessor::from_json(const Json& json, const std::string& where) {
  const ImageFields fields(json, where);
  ImageProcessor p;
  p.type_ = processor_type(fields);
  const auto found =
      std::find_if(std::begin(kDefaults), std::end(kDefaults), [&](const Defaults& d) { return p.type_ == d.type; });
  if (found == std::end(kDefaults))
    fail(ErrorKind::unsupported, "the image processor " + p.type_ + " is not known", where,
         "use a model with one of ViT, DeiT, Beit, Siglip, CLIP, Bit, ConvNext and EfficientNetImageProcessor");
  const Defaults& defaults = *found;

  p.resizes_ = fields.boolean("do_resize", true);
  p.crops_ = fields.boolean("do_center_crop", defaults.crop > 0);
  p.rescales_ = fields.boolean("do_rescale", true);
  p.normalizes_ = fields.boolean("do_normalize", true);
  p.factor_ = fields.number("rescale_factor", 1.0 / 255);
  p.mean_ = fields.channels("image_mean", defaults.mean);
  p.deviation_ = fields.channels("image_std", defaults.deviation);
  if (p.normalizes_ && std::any_of(p.deviation_.begin(), p.deviation_.end(), [](double d) { return !(d > 0); }))
    fields.wrong("image_std", "holds a number that is not above 0");
  const double filter = fields.number("resample", int(defaults.filter));
  if (filter != std::floor(filter) || filter < 0 || filter > 5)
    fields.wrong("resample", "is none of the filters 0 to 5");
  p.filter_ = Resample(int(filter));

  const Size size =
      read_size(fields, "size", defaults.square).value_or(Size{defaults.height, defaults.width, defaults.shorter, 0});
  Size crop = read_size(fields, "crop_size", true).value_or(Size{defaults.crop_side, defaults.crop_side, 0, 0});
  if (crop.shorter > 0) crop = {crop.shorter, crop.shorter, 0, 0};
  if (p.crops_ && crop.width == 0) fields.wrong("crop_size", "is missing, and do_center_crop asks for it");
  p.resize_width_ = size.width;
  p.resize_height_ = size.height;
  p.shorter_ = size.shorter;
  p.longer_ = size.longer;

  if (p.type_ == "ConvNextImageProcessor" && p.resizes_) {
    if (p.shorter_ == 0) fields.wrong("size", "must be one number or have shortest_edge");
    if (p.shorter_ < 384) {
      p.crop_share_ = fields.number("crop_pct", 224.0 / 256);
      if (!(p.crop_share_ > 0.01 && p.crop_share_ <= 1)) fields.wrong("crop_pct", "is not between 0.01 and 1");
    } else {
      p.resize_width_ = p.resize_height_ = p.shorter_;  // large sizes are stretched instead of cropped
    }
  }
  if (p.type_ == "EfficientNetImageProcessor") {
    p.offsets_ = p.rescales_ && fields.boolean("rescale_offset", false);
    p.divides_again_ = fields.boolean("include_top", true);
  }
  p.width_ = p.crops_ ? crop.width : p.resize_width_ > 0 ? p.resize_width_ : p.shorter_;
  p.height_ = p.crops_ ? crop.height : p.resize_height_ > 0 ? p.resize_height_ : p.shorter_;
  return p;
}

Image ImageProcessor::fit(const Image& image) const {
  if (!resizes_) return centre(image, width_, height_);
  if (resize_width_ > 0)
    return centre(resize(image, resize_width_, resize_height_, filter_, Rounding::torch), width_, height_);
  if (crop_share_ > 0)
    return centre(centre(resize_shorter(image, int(shorter_ / crop_share_), 0, filter_), shorter_, shorter_), width_,
                  height_);
  return centre(resize_shorter(image, shorter_, longer_, filter_), width_, height_);
}

void ImageProcessor::normalize(const Image& image, float* out) const {
  const std::size_t count = std::size_t(image.width) * image.height;
  for (int c = 0; c < 3; ++c) {
    float table[256];
    for (int level = 0; level < 256; ++level) {
      double value = level;
      if (rescales_) value *= factor_;
      if (offsets_) value -= 1;
      if (normalizes_) value = (value - mean_[c]) / deviation_[c];
      if (divides_again_) value /= deviation_[c];
      table[level] = float(value);
    }
    const std::uint8_t* from = image.pixels.data() + c;
    float* plane = out + c * count;
    for (std::size_t i = 0; i < count; ++i) plane[i] = table[from[i * 3]];
  }
}

void ImageProcessor::apply(const Image& image, float* out) const { normalize(fit(image), out); }

Json ImageProcessor::to_json() const {
  Json json{{"image_processor_type", type_}, {"do_resize", resizes_},       {"do_center_crop", crops_},
            {"do_rescale", rescales_},       {"do_normalize", normalizes_}, {"rescale_factor", factor_},
            {"resample", int(filter_)},      {"image_mean", mean_},         {"image_std", deviation_}};
  if (shorter_ > 0) {
    json["size"] = {{"shortest_edge", shorter_}};
    if (longer_ > 0) json["size"]["longest_edge"] = longer_;
  } else {
    json["size"] = {{"height", resize_height_}, {"width", resize_width_}};
  }
  if (crops_) json["crop_size"] = {{"height", height_}, {"width", width_}};
  if (crop_share_ > 0) json["crop_pct"] = crop_share_;
  if (type_ == "EfficientNetImageProcessor") {
    json["rescale_offset"] = offsets_;
    json["include_top"] = divides_again_;
  }
  return json;
}

std::string ImageProcessor::text() const {
  const auto pixels = [](int w, int h) { return std::to_string(w) + " x " + std::to_string(h); };
  std::string text;
  if (!resizes_)
    text = "no resize";
  else if (resize_width_ > 0)
    text = "resize to " + pixels(resize_width_, resize_height_);
  else
    text = "resize the shorter side to " + std::to_string(crop_share_ > 0 ? int(shorter_ / crop_share_) : shorter_);
  if (resizes_) text += std::string(" (") + name_of(filter_) + ")";
  if (crops_ || !resizes_ || resize_width_ == 0) text += ", take the middle " + pixels(width_, height_);
  const auto numbers = [](const std::array<double, 3>& values) {
    char line[96];
    std::snprintf(line, sizeof line, "%.4g %.4g %.4g", values[0], values[1], values[2]);
    return std::string(line);
  };
  if (normalizes_) text += ", mean " + numbers(mean_) + ", deviation " + numbers(deviation_);
  return text;
}

}  // namespace luthier
