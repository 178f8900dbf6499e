#pragma once
// Which weights a model's data uses most: what quantisers weigh their errors by.
#include <map>
#include <string>
#include <vector>

#include "export/row_logits.h"

namespace luthier {

/// The mean square of what each input channel of each linear layer reads on these rows, by the layer's dotted name:
/// [in] numbers above zero. Layers that no row reaches are left out. Files that cannot be decoded are skipped.
std::map<std::string, std::vector<float>> input_importance(Model& model, const RowReading& reading,
                                                           const std::vector<ProofRow>& rows,
                                                           const ExportProgress& progress);

}  // namespace luthier
