# Workers reach Google's services and one another, and nobody reaches them. Only a crawl goes out.

resource "google_compute_network" "quire" {
  name                    = "quire"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "quire" {
  name                     = "quire"
  region                   = var.region
  network                  = google_compute_network.quire.id
  ip_cidr_range            = var.addresses
  private_ip_google_access = true
}

resource "google_compute_firewall" "workers" {
  name        = "quire-workers"
  network     = google_compute_network.quire.id
  direction   = "INGRESS"
  source_tags = ["dataflow"]
  target_tags = ["dataflow"]
  allow {
    protocol = "tcp"
    ports    = ["12345-12346"] # Dataflow's, between workers
  }
}

resource "google_compute_router" "out" {
  count   = var.crawl ? 1 : 0
  name    = "quire"
  region  = var.region
  network = google_compute_network.quire.id
}

resource "google_compute_router_nat" "out" {
  count                              = var.crawl ? 1 : 0
  name                               = "quire"
  router                             = google_compute_router.out[0].name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}
