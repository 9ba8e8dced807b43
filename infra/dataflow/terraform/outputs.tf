output "image" {
  description = "quire's image, without its tag"
  value       = local.image
}

output "arguments" {
  description = "Arguments for quire: terraform output -raw arguments > dataflow.args"
  value = templatefile("${path.module}/../dataflow.args", {
    project         = var.project
    region          = var.region
    bucket          = google_storage_bucket.quire.name
    image           = "${local.image}:${var.tag}"
    service_account = google_service_account.worker.email
    subnetwork      = "regions/${var.region}/subnetworks/${google_compute_subnetwork.quire.name}"
  })
}

locals {
  registry = google_artifact_registry_repository.quire
  image    = "${var.region}-docker.pkg.dev/${var.project}/${local.registry.name}/quire"
}
