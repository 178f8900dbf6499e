#pragma once
// Reading config.json with errors that name the key.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/model.h"

namespace luthier {

/// Throws bad_input that names the key.
[[noreturn]] void wrong_config(const std::string& key, const std::string& message);

/// A whole number from 1 to `max` (absurd sizes are bad_input before anything is allocated); `fallback` where the key
/// is absent or null, bad_input without one.
std::int64_t config_size(const Json& config, const std::string& key, std::optional<std::int64_t> fallback = {},
                         std::int64_t max = 1 << 24);
/// A finite number.
double config_number(const Json& config, const std::string& key, double fallback);
/// A probability in [0, 1); `override` instead of it when that is >= 0.
double config_dropout(const Json& config, const std::string& key, double fallback, double override);
bool config_flag(const Json& config, const std::string& key, bool fallback);
std::string config_text(const Json& config, const std::string& key, const std::string& fallback);
/// An index below `rows`, or -1 where the key is absent or null.
std::int64_t config_row(const Json& config, const std::string& key, std::int64_t rows);

/// The label names of id2label in the order of ids; else LABEL_0 ... for num_labels (default 2), as transformers does.
std::vector<std::string> config_labels(const Json& config);
/// Writes id2label and label2id as transformers does; empty labels leave them as they are.
void set_config_labels(Json& config, const std::vector<std::string>& labels);

/// From now on the output layer is no longer the embedding. T5 goes on scaling what its output layer reads.
void untie_output(Json& config);

}  // namespace luthier
