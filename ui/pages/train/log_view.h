#pragma once
// A run's log as it grows, with a search field.
#include <QTimer>
#include <QWidget>
#include <filesystem>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace luthier {

class LogView : public QWidget {
  Q_OBJECT
 public:
  explicit LogView(QWidget* parent = nullptr);
  /// Follows this file from its end on (its last part is shown at once); "" for none.
  void setFile(const std::filesystem::path& file);
  /// Reads what was added; the timer does it while the view is visible.
  void readOn();
  QString text() const;

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void find(bool backwards);
  void mark();

  QLineEdit* search_;
  QLabel* found_;
  QPlainTextEdit* view_;
  QTimer timer_;
  std::filesystem::path file_;
  std::uintmax_t at_ = 0;
  QByteArray rest_;
};

}  // namespace luthier
