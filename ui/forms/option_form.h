#pragma once
// A form made from the declarations of options: a row an option in groups, simple and advanced ones, a search over
// both, what was changed. It knows no document: values come in as JSON, edits go out as paths.
#include <QWidget>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/options.h"

class QLabel;
class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace luthier {

class OptionEditor;
class OptionRow;
class SegmentedControl;

struct OptionSection {
  QString title;
  QString prefix;  ///< "training": where the options stand in the document; may be empty
  std::vector<OptionSpec> specs;
};

class OptionForm : public QWidget {
  Q_OBJECT
 public:
  explicit OptionForm(QWidget* parent = nullptr);

  /// Makes the rows; sections that were there already are kept with their values, others are at their defaults.
  void setSections(const std::vector<OptionSection>& sections);
  /// Looks up every option's path in `document`; what is absent is at its default.
  void setValues(const Json& document);
  /// The text to the right of an option; empty: its unit or range.
  void setEffect(const QString& path, const QString& text);
  /// Without search, levels and scrolling: all options, for a card with a few.
  void setCompact();

  /// The control for simple and advanced; it stands beside the search unless it is put elsewhere.
  SegmentedControl* levelControl() const { return level_; }
  QLineEdit* searchEdit() const { return search_; }
  int optionCount() const;
  int changedCount() const;
  /// Shows what was changed alone, of both levels.
  void setChangedOnly(bool only);
  /// Brings an option into view and gives it the focus, whatever its level; false when the form has it not.
  bool showOption(const QString& path);
  /// The editor of an option, made if it was not shown yet; nullptr when the form has it not.
  OptionEditor* editor(const QString& path);

 Q_SIGNALS:
  /// The user has changed an option; a null value means back to the default.
  void edited(const QString& path, const luthier::Json& value, const QString& label);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  /// One option. Its row is made when it is first shown: most people never see the advanced ones.
  struct Entry {
    OptionSpec spec;
    QString path, name;
    QString siblings;  ///< the path of the struct that the option is in
    QString group;     ///< the path of the optional group around it; may be empty
    int depth = 0;
    Json value;
    QString effect;
    bool keptAsChanged = false;
    OptionRow* row = nullptr;
  };
  struct Section {
    QString identity;  ///< of what it shows: equal ones need not be made anew
    QWidget* box;
    QVBoxLayout* column;
    int before;  ///< widgets in the column before the rows
    std::vector<std::unique_ptr<Entry>> rows;
  };
  Section makeSection(const OptionSection& from, const QString& identity);
  static void addEntries(Section& section, const std::vector<OptionSpec>& specs, const QString& prefix,
                         const QString& names, const QString& group, int depth);
  void addRow(Section& section, std::size_t index);
  Entry* find(const QString& path) const;
  bool isShown(const Entry& entry) const;
  bool conditionHolds(const Entry& entry) const;
  bool matchesSearch(const Entry& entry) const;
  void updateRows();

  std::vector<Section> sections_;
  QWidget* bar_;
  QLineEdit* search_;
  SegmentedControl* level_;
  QScrollArea* scroll_;
  QWidget* list_;
  QVBoxLayout* column_;
  QLabel* nothing_;
  bool changedOnly_ = false;
};

}  // namespace luthier
