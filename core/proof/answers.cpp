#include "proof/answers.h"

#include <algorithm>

#include "proof/logits.h"

namespace luthier {

std::vector<std::int64_t> write_answer(const AnswerTask& task, const NextLogits& next) {
  std::vector<std::int64_t> answer, given = task.prompt;
  while (static_cast<std::int64_t>(answer.size()) < task.most) {
    const std::vector<float> logits = next(given);
    const auto token = static_cast<std::int64_t>(likeliest(logits));
    answer.push_back(token);
    if (task.on_token && !task.on_token()) break;
    if (std::find(task.ends.begin(), task.ends.end(), token) != task.ends.end()) break;
    given = {token};
  }
  return answer;
}

}  // namespace luthier
