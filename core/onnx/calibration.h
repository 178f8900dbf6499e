#pragma once
// Ranges of activations, found on data: what 8 bits with a fixed scale need to know of a value before it is computed.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace luthier::onnx {

/// What the 256 codes of a value cover: low <= 0 <= high, since zero must be exact (convolutions are padded with it).
struct Range {
  float low = 0, high = 0;
};
using Ranges = std::map<std::string, Range>;  ///< by a value's name

/// A code c of 0 .. 255 stands for scale * (c - zero).
struct Codebook {
  float scale = 1;
  std::uint8_t zero = 0;
};
/// scale = (high - low) / 255, zero = the code nearest to -low / scale, as QuantizeLinear's documentation has it. Of a
/// range without any width: scale 1.
Codebook codebook_of(const Range& range);

/// Finds the range of one value from the numbers that it takes, a batch at a time, in memory that does not grow: a
/// histogram whose bins become twice as wide whenever a number lies beyond.
class RangeFinder {
 public:
  /// Numbers that are not finite are left out.
  void add(std::span<const float> numbers);

  /// The range with the smallest squared error over all numbers seen, among 25: at each end everything, or what is left
  /// without the outermost 0.001, 0.01, 0.1 or 1 % of the numbers other than zero. Inside the error is that of rounding
  /// (step^2 / 12), beyond an end the distance to it. So a few stray numbers do not make the steps coarse, but large
  /// ones that come often or lie far out stay whole. Nothing seen but zeros: no width.
  Range range() const;

 private:
  void widen_to(double largest);
  double edge(std::size_t bin) const;  ///< where a bin begins
  float low_end(double share) const;
  float high_end(double share) const;
  double squared_error(const Range& range) const;

  std::vector<double> counts_;  ///< of numbers in bins of equal width over [-limit_, limit_]; zeros are not counted
  double limit_ = 0, total_ = 0;
  float low_ = 0, high_ = 0;
};

/// Makes these values outputs of the graph, behind its own; inputs and outputs stay what they are.
void add_outputs(Graph& graph, const std::vector<std::string>& values);

}  // namespace luthier::onnx
