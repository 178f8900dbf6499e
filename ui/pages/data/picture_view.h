#pragma once
// One picture, scaled to the place it gets; small pictures grow by whole factors, so that their pixels stay square.
#include <QImage>
#include <QWidget>

namespace luthier {

class PictureView : public QWidget {
  Q_OBJECT
 public:
  explicit PictureView(const QString& what, QWidget* parent = nullptr);
  void setImage(const QImage& image);
  const QImage& image() const { return image_; }
  QSize sizeHint() const override { return {160, 160}; }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QImage image_;
};

/// Where a picture of `size` goes in `place`: as large as fits, in the middle.
QRect fittedPicture(const QSize& size, const QRect& place);

}  // namespace luthier
