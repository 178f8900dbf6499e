#pragma once
// Where a file or a folder is dropped, or chosen with a button.
#include <QFrame>
#include <QStringList>

class QLabel;
class QPushButton;

namespace luthier {

class DropZone : public QFrame {
  Q_OBJECT
 public:
  explicit DropZone(QWidget* parent = nullptr);
  QPushButton* fileButton() const { return file_; }
  QPushButton* folderButton() const { return folder_; }
  /// What is being looked at; empty: nothing, the zone takes files.
  void setBusy(const QString& name);

 Q_SIGNALS:
  void dropped(const QStringList& paths);

 protected:
  void dragEnterEvent(QDragEnterEvent*) override;
  void dragLeaveEvent(QDragLeaveEvent*) override;
  void dropEvent(QDropEvent*) override;
  void paintEvent(QPaintEvent*) override;

 private:
  void setOver(bool over);
  QPushButton *file_, *folder_;
  QLabel *title_, *text_;
};

}  // namespace luthier
