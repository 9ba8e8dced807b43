variable "project" {
  type        = string
  description = "The project that pays"
}

variable "region" {
  type        = string
  description = "Where bucket, registry and workers are"
}

variable "bucket" {
  type        = string
  description = "The name of the bucket to make; names are the whole world's"
}

variable "tag" {
  type        = string
  description = "The tag of quire's image that jobs run in"
}

variable "addresses" {
  type        = string
  description = "Addresses of the workers"
  default     = "10.128.0.0/20"
}

variable "crawl" {
  type        = bool
  description = "Whether workers may call the internet, as quire crawl does (Cloud NAT costs)"
  default     = false
}
