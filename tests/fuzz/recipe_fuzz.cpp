// Any bytes as a recipe: refused with the place, or it is written back as the same recipe.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "fuzz/input.h"
#include "recipe/recipe.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::survive([&] {
    const Json json = parse_json(fuzz::text_of(data, size), "recipe.json");
    const Recipe recipe = recipe_from_json(json, "/", "recipe.json");
    const Json written = Json::parse(recipe_to_json(recipe).dump());
    if (Json::parse(recipe_to_json(recipe_from_json(written, "/", "again")).dump()) != written) std::abort();
  });
  return 0;
}
