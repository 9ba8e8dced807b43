# Who does what: rights are given on the bucket and the registry alone where there are such.

resource "google_service_account" "worker" {
  account_id   = "quire-worker"
  display_name = "quire: workers of Dataflow, and launchers of its template"
}

resource "google_project_iam_member" "worker" {
  for_each = toset(["roles/dataflow.worker", "roles/dataflow.viewer"])
  project  = var.project
  role     = each.key
  member   = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker" {
  for_each = toset(["roles/storage.objectUser", "roles/storage.legacyBucketReader"])
  bucket   = google_storage_bucket.quire.name
  role     = each.key
  member   = google_service_account.worker.member
}

resource "google_artifact_registry_repository_iam_member" "worker" {
  location   = google_artifact_registry_repository.quire.location
  repository = google_artifact_registry_repository.quire.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}

resource "google_service_account" "build" {
  account_id   = "quire-build"
  display_name = "quire: builds the image and the template"
}

resource "google_project_iam_member" "build" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

resource "google_storage_bucket_iam_member" "build" {
  for_each = toset(["roles/storage.objectUser", "roles/storage.legacyBucketReader"])
  bucket   = google_storage_bucket.quire.name
  role     = each.key
  member   = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = google_artifact_registry_repository.quire.location
  repository = google_artifact_registry_repository.quire.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
