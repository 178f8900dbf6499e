#include "data/findings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {
constexpr std::size_t kMostLines = 100;

/// `one` and `many` are the sentence for a count of one and of more ("#" is the number); details follow after a colon.
struct Kind {
  const char *id, *severity, *one, *many, *hint;
};

constexpr Kind kKinds[] = {
    {"broken_rows", "warning", "1 row is broken and was left out", "# rows are broken and were left out",
     "look at the lines named here; if there are many, check delimiter, quote and header"},
    {"mixed_encoding", "warning", "1 row is not valid in the file's encoding and was repaired",
     "# rows are not valid in the file's encoding and were repaired",
     "check the characters of these rows, or choose the encoding yourself"},
    {"nul_bytes", "warning", "1 row contains NUL characters, which were removed",
     "# rows contain NUL characters, which were removed", "the file may have been damaged or cut by a crash"},
    {"truncated_file", "warning", "the file ends in the middle", "the file ends in the middle",
     "the rows before the end were read; fetch or export the file again"},
    {"cut_fields", "note", "1 row ends early; its missing fields are empty",
     "# rows end early; their missing fields are empty", "harmless where the last columns are optional"},
    {"unknown_keys", "note", "1 row has a key that the head of the file has not; it was left out",
     "# rows have keys that the head of the file has not; they were left out",
     "give every row the same keys if they matter"},
    {"not_rows", "warning", "1 value in the file is not an object and was left out",
     "# values in the file are not objects and were left out", "a table needs one object for each row"},
    {"empty_columns", "note", "1 column has no values in the head of the file",
     "# columns have no values in the head of the file", ""},
    {"renamed_columns", "note", "1 column name was empty or doubled and was replaced",
     "# column names were empty or doubled and were replaced", "use the names shown here in the roles"},
    {"nested_table", "note", "the rows were taken from inside the file", "the rows were taken from inside the file",
     ""},
    {"tag_count", "warning", "1 row has not as many tags as tokens and was left out",
     "# rows have not as many tags as tokens and were left out", "check how these rows were exported"},
    {"outside_files", "warning", "1 row names a file outside the folder and was left out",
     "# rows name files outside the folder and were left out", "write paths that start at the metadata file's folder"},
    {"missing_files", "warning", "1 row names a file that is not there and was left out",
     "# rows name files that are not there and were left out",
     "check the file names, or copy the files into the folder"},
    {"unreadable_media", "warning", "1 file cannot be read and was left out",
     "# files cannot be read and were left out", "replace these files or delete their rows"},
    {"unreadable_folders", "warning", "1 folder could not be looked into", "# folders could not be looked into",
     "check their permissions, and links that lead in a circle"},
    {"folders_without_split", "warning", "1 folder beside those of the splits was left out",
     "# folders beside those of the splits were left out", "put classes inside train, validation and test"},
    {"empty_classes", "warning", "1 class folder holds no file that can be used",
     "# class folders hold no file that can be used", "add examples or remove the folder"},
    {"mixed_rates", "note", "the recordings have different sample rates", "the recordings have different sample rates",
     "all are brought to the model's rate; those of a lower one lack high tones"},
    {"cut_recordings", "note", "1 recording is longer than the limit and is cut",
     "# recordings are longer than the limit and are cut", "raise longest_seconds if their ends matter"},
    {"bad_number", "warning", "1 row has a label that is no number and was left out",
     "# rows have labels that are no numbers and were left out", "correct the label column, or choose classification"},
    {"cut_targets", "note", "1 target is longer than the limit and was cut",
     "# targets are longer than the limit and were cut", "raise max_target_tokens if their ends matter"},
    {"unknown_letters", "warning", "1 transcript has characters that the model cannot write",
     "# transcripts have characters that the model cannot write",
     "write the transcripts as the model's vocabulary does: often in capitals, without punctuation"},
    {"undescribed_files", "note", "1 file is not named in the metadata file and was left out",
     "# files are not named in the metadata file and were left out", "add rows for them if they matter"},
    {"other_files", "note", "1 other file in the folder was not looked at",
     "# other files in the folder were not looked at", ""},
    {"empty_text", "warning", "1 row has no text and was left out", "# rows have no text and were left out",
     "fill in the text or delete these rows"},
    {"bad_conversation", "warning", "1 conversation cannot be read and was left out",
     "# conversations cannot be read and were left out",
     "write each as a list of messages with role and content, or with from and value"},
    {"no_answer", "warning", "1 conversation has no answer of the assistant and was left out",
     "# conversations have no answer of the assistant and were left out",
     "the model learns what the assistant says: add its answers"},
    {"empty_answer", "warning", "1 row has an empty answer and was left out",
     "# rows have empty answers and were left out", "fill in the answers or delete these rows"},
    {"unknown_roles", "warning", "1 conversation has a role that templates do not know",
     "# conversations have roles that templates do not know", "use system, user, assistant and tool"},
    {"no_assistant_span", "warning", "1 row was left out: the chat template writes no turn of the assistant for it",
     "# rows were left out: the chat template writes no turn of the assistant for them",
     "choose another chat_template, or check the order of the roles"},
    {"same_answers", "warning", "1 pair has the same answer twice and was left out",
     "# pairs have the same answer twice and were left out", "there is nothing to prefer: delete these rows"},
    {"bad_desirable", "warning", "1 row does not say whether its answer is good and was left out",
     "# rows do not say whether their answer is good and were left out", "write true or false"},
    {"missing_label", "warning", "1 row has no label and was left out", "# rows have no label and were left out",
     "label these rows or delete them"},
    {"unknown_split", "warning", "1 row has an unknown split name and was left out",
     "# rows have an unknown split name and were left out", "use train, validation or test"},
    {"bad_weight", "warning", "1 row has a weight that is no positive number; it counts as 1",
     "# rows have a weight that is no positive number; they count as 1", "correct the weight column"},
    {"leakage", "warning", "1 row of validation or test is also in the training rows",
     "# rows of validation or test are also in the training rows",
     "their score shows memory, not skill: remove them from one side"},
    {"conflicting_labels", "warning", "1 text appears with different labels", "# texts appear with different labels",
     "decide on one label each"},
    {"duplicate_rows", "note", "1 row of the training data repeats an earlier one",
     "# rows of the training data repeat earlier ones", "repeated rows count more than once in training"},
    {"class_imbalance", "note", "the classes are of very different size", "the classes are of very different size",
     "watch macro F1 beside accuracy; more examples of the small classes help most"},
    {"ambiguous_labels", "warning", "the label numbers may start at 0 or at 1: 0 was taken as the first",
     "the label numbers may start at 0 or at 1: 0 was taken as the first",
     "write label names into the file if they start at 1"},
    {"label_without_rows", "warning", "1 label has no training rows", "# labels have no training rows",
     "the model cannot learn them: add examples or remove the labels"},
    {"conversations", "note", "1 row is a conversation, written with the chat template",
     "# rows are conversations, written with the chat template", "the template is saved with the model"},
    {"truncated_rows", "note", "1 row is longer than the token limit and was cut",
     "# rows are longer than the token limit and were cut", "raise max_tokens if the end of the texts matters"},
    {"no_loss_rows", "warning", "1 row was left out because nothing to learn is left after cutting",
     "# rows were left out because nothing to learn is left after cutting", "raise max_tokens or shorten the prompts"},
};
}  // namespace

Json finding_to_json(const Finding& finding) {
  return {{"id", finding.id},       {"severity", finding.severity}, {"message", finding.message},
          {"lines", finding.lines}, {"count", finding.count},       {"hint", finding.hint}};
}

void FindingLog::add(const std::string& id, std::int64_t line, const std::string& detail, std::int64_t count) {
  Entry& entry = entries_[id];
  entry.count += count;
  if (line > 0 && entry.lines.size() < kMostLines) entry.lines.push_back(line);
  // Hostile files could name a new detail in each row: the list of details stays short.
  if (!detail.empty() && (entry.details.size() < 8 || entry.details.contains(detail))) entry.details[detail] += count;
}

void FindingLog::merge(const FindingLog& other) {
  for (const auto& [id, theirs] : other.entries_) {
    Entry& ours = entries_[id];
    ours.count += theirs.count;
    for (const auto line : theirs.lines)
      if (ours.lines.size() < kMostLines) ours.lines.push_back(line);
    for (const auto& [detail, count] : theirs.details) ours.details[detail] += count;
  }
}

std::int64_t FindingLog::count(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? 0 : found->second.count;
}

std::vector<Finding> FindingLog::list() const {
  std::vector<Finding> findings;
  for (const Kind& kind : kKinds) {
    const auto found = entries_.find(kind.id);
    if (found == entries_.end()) continue;
    const Entry& entry = found->second;
    Finding finding{kind.id,     kind.severity, entry.count == 1 ? kind.one : kind.many,
                    entry.lines, entry.count,   kind.hint};
    if (const auto mark = finding.message.find('#'); mark != std::string::npos)
      finding.message.replace(mark, 1, std::to_string(entry.count));
    const char* between = ": ";
    for (const auto& [detail, count] : entry.details) {
      finding.message += between;
      if (entry.details.size() > 1 || count != entry.count) finding.message += std::to_string(count) + " ";
      finding.message += detail;
      between = ", ";
    }
    findings.push_back(std::move(finding));
  }
  if (findings.size() != entries_.size()) fail(ErrorKind::internal, "a finding has an id that is not in the table");
  return findings;
}

}  // namespace luthier
