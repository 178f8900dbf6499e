#pragma once
// One ONNX file that is computed: alone, or token by token with the keys and values of what came before.
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "onnxruntime/session.h"

namespace luthier::onnx {

using Arrays = std::map<std::string, Array>;

class Network {
 public:
  explicit Network(const std::filesystem::path& file);

  const Graph& graph() const { return graph_; }
  bool has_input(const std::string& name) const;
  bool has_cache() const { return !pasts_.empty(); }  ///< reads "past_key_values..." and gives "present..."

  /// `told` of every one of these values, outputs or inputs of the file, whenever the file is computed.
  using Watch = std::function<void(const std::string& value, const Array& numbers)>;
  void watch(std::vector<std::string> values, Watch told);

  /// All outputs. Inputs that the file does not have are left out.
  Arrays run(const Arrays& given) const;

  /// Computes `ids` [1, T] in pieces (a half, all but one of the rest, the last one), each with what the one before has
  /// left, and returns the logits of all, [T, V]. `given`: what stays the same for every piece.
  Array run_in_pieces(const std::vector<std::int64_t>& ids, const Arrays& given) const;

  /// What the last node of each module gives, by the module's name. Opens the file a second time.
  Arrays run_modules(const std::vector<std::string>& modules, const Arrays& given) const;

  /// The past of nothing, for every input that is one.
  Arrays empty_past() const;
  /// Of what a call gave, the past of the next one.
  void take_past(Arrays& made, Arrays& next) const;

 private:
  std::filesystem::path file_;
  Graph graph_;
  Session session_;
  std::vector<std::pair<Value, std::string>> pasts_;  ///< the input, and the output that it comes from
  std::vector<std::string> watched_;
  Watch watch_;
};

/// A network that writes token by token: what it has computed is not computed again.
class Writing {
 public:
  /// `given`: what stays the same for every token. The network outlives this.
  Writing(const Network& network, Arrays given);
  /// Logits of `ids`, which follow what was given before: [T, V], in the file's number type.
  Array next(const std::vector<std::int64_t>& ids);

 private:
  const Network& network_;
  Arrays now_;
  bool masked_;  ///< the mask is among what stays the same
  std::size_t computed_ = 0;
};

}  // namespace luthier::onnx
